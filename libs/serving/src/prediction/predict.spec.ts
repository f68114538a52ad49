import { actorOf, type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { Evaluation } from '@castellan/contracts';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { Metrics } from '@castellan/telemetry';
import { tensor, type Signature, type Tensor } from '@castellan/tensors';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EvaluationClient } from '../routing/evaluation-client.js';
import type { ReadyWorker, Route } from '../routing/route.js';
import { RoutingTable } from '../routing/routing-table.js';
import { WorkerClient, type WorkerAnswer } from '../routing/worker-client.js';
import { servingRules } from '../serving-rules.js';
import { Admission } from './admission.js';
import { Predict, type PredictionCall } from './predict.js';
import { PredictionMetrics } from './prediction-metrics.js';
import { PredictionRecord } from './prediction-record.js';
import { ReachableRoutes } from './reachable-routes.js';

const spec = { name: 'x', datatype: 'FP32', shape: [-1] } as const;
const signature: Signature = { inputs: [spec], outputs: [spec] };
const versionDigest = 'a'.repeat(64);

/** Workers that give back what they get. `asked` says in which order. */
class Echoes extends WorkerClient {
  readonly asked: string[] = [];
  readonly without = new Set<string>();
  digest = versionDigest;
  until: Promise<unknown> = Promise.resolve();

  override states(): Promise<readonly []> {
    return Promise.resolve([]);
  }
  override async place(): Promise<void> {}
  override async remove(): Promise<void> {}

  override async infer(worker: string, _name: string, outputs: readonly Tensor[]): Promise<WorkerAnswer> {
    this.asked.push(worker);
    await this.until;
    if (this.without.has(worker)) {
      throw new CastellanError({ code: 'model_not_ready', kind: 'conflict', publicDetail: 'Not here.' });
    }
    return { outputs, versionDigest: this.digest };
  }
}

class Judge extends EvaluationClient {
  allowed = true;

  override async evaluate(): Promise<Evaluation> {
    const reasons = this.allowed ? [] : [{ code: 'revoked', detail: 'It was revoked.' }];
    return { allowed: this.allowed, versionDigest, reasons, approvals: [] };
  }
}

describe('a prediction', () => {
  const actor: Actor = actorOf(
    {
      personId: 'carla',
      name: 'carla',
      organizationId: 'ours',
      organizationName: 'ours',
      roles: [{ role: 'consumer', projectId: null }],
      credentialId: 'key',
      deployments: [],
    },
    [servingRules],
  );
  let test: TestDatabase;
  let workers: Echoes;
  let judge: Judge;
  let routes: RoutingTable;
  let predict: Predict;

  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.close());

  beforeEach(() => {
    [workers, judge, routes] = [new Echoes(), new Judge(), new RoutingTable()];
    const record = new PredictionRecord(
      new AuditLog(test.database),
      new PredictionMetrics(new Metrics('test')),
    );
    const reachable = new ReachableRoutes(routes, { nextRound: () => Promise.resolve(undefined) });
    const admission = new Admission({ running: 1, waiting: 9 });
    predict = new Predict(reachable, routes, workers, judge, admission, record);
    routes.replace([route('w1', 'w2')]);
  });

  function route(...addresses: string[]): Route {
    const ready = (address: string): ReadyWorker => ({ address, versionDigest, platform: '', signature });
    return {
      deploymentId: 'd',
      organizationId: 'ours',
      projectId: 'p',
      name: 'digits',
      model: 'digits',
      number: 1,
      versionId: 'v',
      phase: 'ready',
      workers: addresses.map(ready),
      refusals: [],
    };
  }

  const call: PredictionCall<readonly Tensor[]> = {
    actor,
    origin: { requestId: 'r', source: '127.0.0.1' },
    read: async () => ({
      name: 'digits',
      inputs: () => [tensor('x', 'FP32', [1], Float32Array.of(1))],
      answer: ({ outputs }) => outputs,
    }),
  };

  async function lastEvent(): Promise<unknown> {
    const row = await test.database.client.auditOutbox.findFirst({ orderBy: { id: 'desc' } });
    return JSON.parse(row?.event ?? 'null');
  }

  it('takes turns among the workers', async () => {
    for (let count = 0; count < 4; count++) await predict.execute(call);
    expect(workers.asked).toEqual(['w1', 'w2', 'w1', 'w2']);
  });

  it('goes to another worker when one has no weights, and not back to that one', async () => {
    workers.without.add('w1');
    await predict.execute(call);
    await predict.execute(call);
    expect(workers.asked).toEqual(['w1', 'w2', 'w2']);
  });

  it('is not ready when no worker has the weights', async () => {
    workers.without.add('w1').add('w2');
    await expect(predict.execute(call)).rejects.toMatchObject({ code: 'not_ready', retryAfterMs: 1000 });
    expect(await lastEvent()).toMatchObject({ action: 'prediction.refused', reason: 'not_ready' });
  });

  it('ends everywhere when a worker lost the weights by a revocation', async () => {
    workers.without.add('w1');
    judge.allowed = false;
    const refusal = { code: 'not_approved', publicDetail: '"digits" may not be served. It was revoked.' };
    await expect(predict.execute(call)).rejects.toMatchObject(refusal);
    await expect(predict.execute(call)).rejects.toMatchObject(refusal);
    expect(workers.asked).toEqual(['w1']);
  });

  it('is thrown away when another version than the route says has computed it', async () => {
    workers.digest = 'b'.repeat(64);
    await expect(predict.execute(call)).rejects.toMatchObject({ code: 'not_ready' });
    expect(await lastEvent()).toMatchObject({ action: 'prediction.refused' });
  });

  it('is refused when the version was revoked while it waited for its turn', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    workers.until = promise;
    const first = predict.execute(call);
    const second = predict.execute(call);
    while (workers.asked.length === 0) await new Promise((next) => setImmediate(next));
    routes.refuse(route('w1', 'w2'), [{ code: 'revoked', detail: 'It was revoked.' }]);
    resolve(undefined);
    await first;
    await expect(second).rejects.toMatchObject({ code: 'not_approved' });
    expect(workers.asked).toHaveLength(1);
  });

  it('is not read off the wire for a deployment that the caller may not call', async () => {
    const read = (): never => {
      throw new Error('read');
    };
    await expect(predict.execute({ ...call, name: 'none', read })).rejects.toMatchObject({
      code: 'deployment_unknown',
    });
  });
});
