import { setTimeout as sleep } from 'node:timers/promises';
import { newSecret, secretHash } from '@castellan/access';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { WorkerDouble, type DoubledModel } from '@castellan/serving';
import type { Role } from '@castellan/contracts';
import { startGateway, type RunningGateway } from '../gateway.js';
import { KeybrokerDouble } from './keybroker-double.js';

/** A version with a deployment of it, in an organisation of its own unless one is named. */
export interface StandingDeployment {
  readonly deploymentId: string;
  readonly versionId: string;
  readonly organizationId: string;
  readonly projectId: string;
}

export interface GatewayLimits {
  readonly running?: number;
  readonly waiting?: number;
}

/** The real gateway on a real port and a real database, between doubles of the worker and the keybroker. */
export class GatewayStand {
  private constructor(
    readonly test: TestDatabase,
    readonly broker: KeybrokerDouble,
    readonly worker: WorkerDouble,
    private readonly models: Map<string, DoubledModel>,
    readonly gateway: RunningGateway,
  ) {}

  static async start({ running = 8, waiting = 32 }: GatewayLimits = {}): Promise<GatewayStand> {
    const [test, broker] = await Promise.all([testDatabase(), KeybrokerDouble.start()]);
    const models = new Map<string, DoubledModel>();
    const worker = await WorkerDouble.start(await broker.certify('worker', 'cpu-0'), models);
    const gateway = await startGateway({
      gateway: { host: '127.0.0.1', port: 0, name: 'gateway-0' },
      database: { url: test.url, poolSize: 8 },
      keybroker: { url: broker.url, ca: broker.ca, joinToken: 'any token at all' },
      prediction: { workerUrls: [worker.address], running, waiting },
      telemetry: { logLevel: 'fatal', metricsPort: 0 },
    });
    return new GatewayStand(test, broker, worker, models, gateway);
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await Promise.all([this.worker.close(), this.broker.close()]);
    await this.test.close();
  }

  organization(name: string) {
    return this.test.database.client.organization.create({
      data: { name, projects: { create: { name: 'default' } } },
      include: { projects: true },
    });
  }

  /** An API key of a new person with these roles in the whole organisation. */
  async key(
    organizationId: string,
    roles: readonly Role[],
    deployments: readonly string[] = [],
  ): Promise<string> {
    const secret = newSecret('api_key');
    await this.test.database.client.person.create({
      data: {
        organizationId,
        name: `person-${secret.slice(-6).toLowerCase()}`,
        displayName: 'Somebody',
        bindings: { create: roles.map((role) => ({ role })) },
        credentials: {
          create: {
            kind: 'api_key',
            secretHash: secretHash(secret),
            label: 'test',
            deployments: [...deployments],
          },
        },
      },
    });
    return secret;
  }

  /** Deploys a first version of a model called as the deployment. Approve it, or the worker refuses it. */
  async deploy(
    organization: { readonly id: string; readonly projects: readonly { readonly id: string }[] },
    name: string,
    model: DoubledModel,
  ): Promise<StandingDeployment> {
    const { client } = this.test.database;
    const organizationId = organization.id;
    const projectId = organization.projects[0]?.id ?? '';
    const createdById = 'somebody';
    const version = await client.version.create({
      data: {
        number: 1,
        stage: 'candidate',
        authorId: createdById,
        authorName: createdById,
        digest: model.versionDigest,
        model: { create: { organizationId, projectId, name } },
      },
    });
    this.models.set(version.id, model);
    this.refuse(version.id, model, `Version ${name}@1 has 0 of 1 required reviewer approvals.`);
    const versionId = version.id;
    const deployment = await client.deployment.create({
      data: { organizationId, projectId, name, versionId, desired: 'running', createdById },
    });
    return { deploymentId: deployment.id, versionId, organizationId, projectId };
  }

  approve(versionId: string): void {
    const judged = this.broker.evaluations.get(versionId);
    if (judged !== undefined)
      this.broker.evaluations.set(versionId, { ...judged, allowed: true, reasons: [] });
    this.worker.allowed.add(versionId);
  }

  /** The keybroker and, through its lease, the worker change their minds; nobody tells the gateway. */
  revoke(versionId: string, detail: string): void {
    const judged = this.broker.evaluations.get(versionId);
    const reasons = [{ code: 'quorum_missing', detail }];
    if (judged !== undefined) this.broker.evaluations.set(versionId, { ...judged, allowed: false, reasons });
    this.worker.revoke(versionId);
  }

  private refuse(versionId: string, { versionDigest }: DoubledModel, detail: string): void {
    const reasons = [{ code: 'quorum_missing', detail }];
    this.broker.evaluations.set(versionId, { allowed: false, versionDigest, reasons, approvals: [] });
  }

  /** Waits until the deployment answers this key; the suite's own time limit ends it otherwise. */
  async untilReady(name: string, key: string): Promise<void> {
    const url = new URL(`/v2/models/${name}/ready`, this.gateway.url);
    const headers = { authorization: `Bearer ${key}` };
    while ((await fetch(url, { headers })).status !== 200) await sleep(50);
  }

  /** The recorded events that are about predictions, oldest first. */
  async predictionEvents(): Promise<Record<string, unknown>[]> {
    const rows = await this.test.database.client.auditOutbox.findMany({ orderBy: { id: 'asc' } });
    return rows
      .map(({ event }): Record<string, unknown> => JSON.parse(event))
      .filter(({ action }) => String(action).startsWith('prediction.'));
  }
}
