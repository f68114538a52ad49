import { hkdfSync } from 'node:crypto';
import { CastellanError } from '@castellan/errors';
import type { DataRequestBody } from '@castellan/contracts';
import { unsealFile } from '@castellan/vault';
import { CheckRaise } from '../ledger/raise-budget.js';
import { CheckReidentification } from '../masking/check-reidentification.js';
import { CancelTask } from '../task/cancel-task.js';
import { RequestLostTasks } from '../task/request-lost-tasks.js';
import { RequestTask } from '../task/request-task.js';
import { RunTask } from '../task/run-task.js';
import { SealResult } from '../task/seal-result.js';
import { TaskKeys, type OpenedWithSecrets } from '../task/task-keys.js';
import { resultPath } from '../task/task-request.js';
import { TaskRequests } from '../task/task-requests.js';
import { TaskStore, type TaskRow } from '../task/task-store.js';
import type { WorkKind } from '../task/task-work.js';
import type { DatasetRow } from '../dataset/dataset-store.js';
import type { PrivacyFloor } from './privacy-floor.js';

/** Opens tables of tasks for real; remembers for what; can be told to fail, or to let something happen first. */
class PurposefulKeys extends TaskKeys {
  readonly purposes: string[] = [];
  disposed = 0;
  fault: CastellanError | undefined;
  meanwhile: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly floor: PrivacyFloor,
    private readonly tasks: TaskStore,
  ) {
    super();
  }

  override async open(taskId: string, purpose: WorkKind, path: string): Promise<OpenedWithSecrets> {
    this.purposes.push(purpose);
    if (this.fault) throw this.fault;
    const dataset = (await this.tasks.byId(taskId))?.dataset;
    if (dataset?.blobKey == null || dataset.dataKeyId === null) throw new Error('nothing sealed');
    const { blobKey, dataKeyId } = dataset;
    const { broker, store } = this.floor.keys;
    const key = await broker.release(dataset);
    const { bytes } = await unsealFile({ store, blobKey, dataKeyId, key, path });
    await this.meanwhile();
    return {
      bytes,
      dispose: () => {
        bytes.fill(0);
        this.disposed += 1;
      },
      derive: (label, length) => Buffer.from(hkdfSync('sha256', key, '', label, length)),
    };
  }
}

/** Remembers who asked for work. */
class RememberedRequests extends TaskRequests {
  readonly asked: string[] = [];
  override async request(taskId: string): Promise<void> {
    this.asked.push(taskId);
  }
}

/** Work on tables, on a privacy floor; for specs. */
export class TaskFloor {
  readonly tasks: TaskStore;
  readonly keys: PurposefulKeys;
  readonly requests = new RememberedRequests();
  readonly pipelines = new RememberedRequests();
  readonly runTask: RunTask;

  constructor(readonly floor: PrivacyFloor) {
    const { database, dataKeys, sealed, audit } = floor;
    this.tasks = new TaskStore(database);
    this.keys = new PurposefulKeys(floor, this.tasks);
    this.runTask = new RunTask(
      database,
      this.tasks,
      this.keys,
      floor.sources,
      new SealResult(dataKeys, sealed),
      this.pipelines,
      audit,
    );
  }

  request(dataset: DatasetRow, body: DataRequestBody, actor = this.floor.actor): Promise<TaskRow> {
    const { database, audit } = this.floor;
    const check = new CheckRaise(this.floor.limits);
    const reidentification = new CheckReidentification(this.tasks);
    return new RequestTask(database, this.tasks, this.requests, check, reidentification, audit).execute(
      actor,
      dataset,
      body,
    );
  }

  async run(dataset: DatasetRow, body: DataRequestBody): Promise<TaskRow> {
    const task = await this.request(dataset, body);
    await this.runTask.execute(task.id);
    return this.now(task);
  }

  cancel(task: TaskRow): Promise<TaskRow> {
    const { database, audit, actor } = this.floor;
    return new CancelTask(database, this.tasks, audit).execute(actor, task);
  }

  askForLost(patienceMs: number): Promise<void> {
    const later = new Date(Date.now() + 1_000);
    return new RequestLostTasks(this.tasks, this.requests).execute(patienceMs, later);
  }

  async now({ id }: TaskRow): Promise<TaskRow> {
    const task = await this.tasks.byId(id);
    if (task === null) throw new Error('the task is gone');
    return task;
  }

  /** What the result says, opened as whoever is let would; by the digest of the request, whatever the row says. */
  async opened({ id, digest }: TaskRow): Promise<string> {
    const { resultBlobKey: blobKey, resultDataKeyId: dataKeyId, dataset } = await this.now({ id } as TaskRow);
    if (blobKey === null || dataKeyId === null) throw new Error('there is no result');
    const { broker, store } = this.floor.keys;
    const key = await broker.open(dataKeyId, { kind: 'task', id: digest, project: dataset.projectId });
    const { bytes } = await unsealFile({ store, blobKey, dataKeyId, key, path: resultPath(digest) });
    return bytes.toString('utf8');
  }
}
