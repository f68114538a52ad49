import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Evaluation } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import type { Signature } from '@castellan/tensors';
import { DeploymentPlan, type PlannedDeployment, type RecordedStatus } from './deployment-plan.js';
import { EvaluationClient } from './evaluation-client.js';
import { RecentEvaluations } from './recent-evaluations.js';
import { Reconciler } from './reconciler.js';
import { RetryPace } from './retry-pace.js';
import { RoutingTable } from './routing-table.js';
import { WorkerClient, type WorkerAnswer, type WorkerState } from './worker-client.js';
import { WorkerFleet } from './worker-fleet.js';

const signature: Signature = { inputs: [], outputs: [] };

class PlanInMemory extends DeploymentPlan {
  deployments: PlannedDeployment[] = [];
  readonly records: string[] = [];

  override running(): Promise<readonly PlannedDeployment[]> {
    return Promise.resolve(this.deployments);
  }

  override record(deploymentId: string, status: RecordedStatus): Promise<void> {
    this.records.push(`${deploymentId} ${status.phase}`);
    this.deployments = this.deployments.map((one) =>
      one.deploymentId === deploymentId ? { ...one, status } : one,
    );
    return Promise.resolve();
  }

  override recordStopped(): Promise<void> {
    return Promise.resolve();
  }
}

/** One worker; `becomes` is what a placed version comes to. */
class WorkerInMemory extends WorkerClient {
  readonly orders: string[] = [];
  readonly held = new Map<string, WorkerState>();
  becomes: WorkerState['phase'] = 'ready';
  answers = true;

  override async states(): Promise<readonly WorkerState[]> {
    if (!this.answers) throw new CastellanError({ code: 'x', kind: 'unavailable', publicDetail: 'Gone.' });
    return [...this.held.values()];
  }

  override async place(_worker: string, name: string, versionId: string): Promise<void> {
    this.orders.push(`place ${name} ${versionId}`);
    const loaded = this.becomes === 'ready' ? { versionDigest: 'aa', signature } : {};
    this.held.set(name, { name, versionId, phase: this.becomes, ...loaded });
  }

  override async remove(_worker: string, name: string): Promise<void> {
    this.orders.push(`remove ${name}`);
    this.held.delete(name);
  }

  override infer(): Promise<WorkerAnswer> {
    return Promise.reject(new Error('not asked here'));
  }
}

class Judge extends EvaluationClient {
  allowed = true;
  answers = true;
  asked = 0;

  override async evaluate(): Promise<Evaluation> {
    this.asked += 1;
    if (!this.answers) throw new CastellanError({ code: 'x', kind: 'unavailable', publicDetail: 'Gone.' });
    const reasons = this.allowed ? [] : [{ code: 'quorum_missing', detail: '0 of 1 approvals.' }];
    return { allowed: this.allowed, versionDigest: 'aa', reasons, approvals: [] };
  }
}

function deployment(name: string, versionId: string): PlannedDeployment {
  return {
    deploymentId: `id of ${name}`,
    organizationId: 'o',
    projectId: 'p',
    name,
    model: name,
    number: 1,
    versionId,
  };
}

describe('the reconciler', () => {
  let plan: PlanInMemory;
  let worker: WorkerInMemory;
  let judge: Judge;
  let routes: RoutingTable;
  let faults: unknown[];
  let nowMs: number;
  let reconciler: Reconciler;

  beforeEach(() => {
    [plan, worker, judge, routes, faults, nowMs] = [
      new PlanInMemory(),
      new WorkerInMemory(),
      new Judge(),
      new RoutingTable(),
      [],
      0,
    ];
    const now = (): number => nowMs;
    reconciler = new Reconciler(
      plan,
      { client: worker, fleet: new WorkerFleet(worker, ['w1'], now) },
      new RecentEvaluations(judge, now),
      new RetryPace(now),
      routes,
      (fault) => faults.push(fault),
    );
    plan.deployments = [deployment('digits', 'v1')];
  });

  /** Rounds half a second apart. */
  async function rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round++) {
      await reconciler.reconcile();
      nowMs += 500;
    }
  }

  it('places, routes and tells, and then has nothing more to do', async () => {
    await rounds(5);
    expect(worker.orders).toEqual(['place digits v1']);
    expect(routes.find('digits')).toMatchObject({ phase: 'ready', workers: [{ address: 'w1' }] });
    expect(plan.records).toEqual(['id of digits pending', 'id of digits ready']);
  });

  it('takes away what is stopped', async () => {
    await rounds(2);
    plan.deployments = [];
    await rounds(1);
    expect(worker.orders).toEqual(['place digits v1', 'remove digits']);
    expect(routes.find('digits')).toBeUndefined();
  });

  it('does not ask for the key again and again while the version may not be served', async () => {
    [worker.becomes, judge.allowed] = ['refused', false];
    await rounds(20);
    expect(worker.orders).toEqual(['place digits v1']);
    expect(routes.find('digits')).toMatchObject({ phase: 'refused', message: '0 of 1 approvals.' });
    expect(judge.asked).toBeLessThanOrEqual(11);
    [worker.becomes, judge.allowed] = ['ready', true];
    await rounds(4);
    expect(worker.orders).toEqual(['place digits v1', 'place digits v1']);
    expect(routes.find('digits')?.phase).toBe('ready');
  });

  it('tries what fails less and less often', async () => {
    worker.becomes = 'failed';
    await rounds(60);
    expect(worker.orders.length).toBeGreaterThan(3);
    expect(worker.orders.length).toBeLessThan(9);
  });

  it('believes a silent worker for a while, then not', async () => {
    await rounds(2);
    worker.answers = false;
    await rounds(5);
    expect(routes.find('digits')?.phase).toBe('ready');
    await rounds(10);
    expect(routes.find('digits')).toMatchObject({ phase: 'pending', workers: [] });
    worker.answers = true;
    await rounds(1);
    expect(routes.find('digits')?.phase).toBe('ready');
  });

  it('goes on routing while the keybroker is silent, and retries nothing', async () => {
    await rounds(2);
    judge.answers = false;
    worker.held.set('digits', {
      name: 'digits',
      versionId: 'v1',
      phase: 'refused',
      message: 'the lease is over',
    });
    await rounds(4);
    expect(worker.orders).toHaveLength(1);
    expect(routes.find('digits')).toMatchObject({ phase: 'refused', message: 'the lease is over' });
  });

  it('leaves routes and workers as they are when the deployments can not be read', async () => {
    await rounds(2);
    plan.running = () => Promise.reject(new Error('no database'));
    await expect(reconciler.reconcile()).rejects.toThrow('no database');
    expect(worker.orders).toEqual(['place digits v1']);
    expect(routes.find('digits')?.phase).toBe('ready');
  });

  it('carries out the other orders when one fails', async () => {
    plan.deployments = [deployment('first', 'v1'), deployment('second', 'v2')];
    const place = worker.place.bind(worker);
    worker.place = (address, name, versionId) =>
      name === 'first' ? Promise.reject(new Error('full')) : place(address, name, versionId);
    await rounds(2);
    expect(routes.find('second')?.phase).toBe('ready');
    expect(faults).toContainEqual(new Error('full'));
  });
});

describe('the routing table', () => {
  it('keeps nothing of a worker without weights, and nothing at all of a refused version', () => {
    const routes = new RoutingTable();
    const worker = (address: string) => ({ address, versionDigest: 'aa', platform: '', signature });
    const route = {
      ...deployment('digits', 'v1'),
      phase: 'ready' as const,
      workers: [worker('w1'), worker('w2')],
      refusals: [],
    };
    routes.replace([route]);
    routes.withdraw(route, worker('w1'));
    expect(routes.find('digits')).toMatchObject({ phase: 'ready', workers: [{ address: 'w2' }] });
    routes.refuse({ ...route, versionId: 'v0' }, []);
    expect(routes.find('digits')?.phase).toBe('ready');
    routes.refuse(route, [{ code: 'revoked', detail: 'revoked' }]);
    expect(routes.find('digits')).toMatchObject({ phase: 'refused', workers: [] });
  });
});
