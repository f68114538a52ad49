import type { Phase } from '@castellan/contracts';
import type { Signature, Tensor } from '@castellan/tensors';

/** What a worker says of one deployment it was given. */
export interface WorkerState {
  readonly name: string;
  readonly versionId: string;
  readonly phase: Phase;
  /** Known once the keybroker has released the version to this worker. */
  readonly versionDigest?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly platform?: string;
  /** Present when the phase is `ready`. */
  readonly signature?: Signature;
}

export interface WorkerAnswer {
  readonly outputs: readonly Tensor[];
  /** What ran. A name can have got another version since the worker was last asked what it holds. */
  readonly versionDigest: string;
}

/**
 * The workers, as the gateway speaks to them. A worker is named by its address, `https://host:port`.
 *
 * Every call may be made at the same time as any other. None is retried here: the reconciler comes round again, and a
 * prediction is the caller's to repeat. An implementation authenticates the worker by its certificate before it sends
 * anything, and gives up after a time of its own.
 *
 * Errors: kind unavailable when the worker does not answer or is not one; otherwise the worker's own code and detail. `model_not_ready` and
 * `deployment_unknown` from `infer` are final for that worker: it holds no weights it may use.
 * `worker_answer_malformed` (kind internal) is a defect.
 */
export abstract class WorkerClient {
  abstract states(worker: string): Promise<readonly WorkerState[]>;
  /** Idempotent. Also asks a worker that was refused, or failed, to try again. */
  abstract place(worker: string, name: string, versionId: string): Promise<void>;
  /** Idempotent; the worker forgets the weights before it answers. */
  abstract remove(worker: string, name: string): Promise<void>;
  abstract infer(worker: string, name: string, inputs: readonly Tensor[]): Promise<WorkerAnswer>;
}
