import type { Phase, WorkerDeploymentState } from '@castellan/contracts';
import type { BlobStore } from '@castellan/blob-store';
import type { ModelHost } from '@castellan/engine';
import { CastellanError } from '@castellan/errors';
import { type KeybrokerClient, type ReleasedKeys, requestKeys } from '@castellan/keybroker-client';
import { type Tensor, validateInputs } from '@castellan/tensors';
import { HeldLease, type Lease } from './lease.js';
import { loadModel } from './load-model.js';
import { openVersion } from './open-version.js';
import { WorkerError } from './worker-error.js';

export interface DeploymentMeans {
  readonly keybroker: KeybrokerClient;
  readonly store: BlobStore;
  /** `<role>/<name>` of this process's certificate. */
  readonly peer: string;
  /** Hears of every change of phase, for the log. `fault` is there when a failure has no public name. */
  readonly onPhase: (state: WorkerDeploymentState, fault?: unknown) => void;
}

interface Served {
  readonly model: ModelHost;
  readonly lease: HeldLease;
  readonly versionNumber: number;
  readonly versionDigest: string;
}

/** What ran, and what came of it. */
export interface Inference extends Pick<Served, 'versionNumber' | 'versionDigest'> {
  readonly outputs: readonly Tensor[];
}

/**
 * One version on this worker under one deployment's name, from the release of its keys to the wiping of its weights. It
 * serves only while the keybroker renews its lease; whatever ends the lease ends the model.
 */
export class PlacedDeployment {
  readonly #stopping = new AbortController();
  readonly #life: Promise<void>;
  #phase: Phase = 'pending';
  #why: { reason: string; message: string } | undefined;
  #versionDigest: string | undefined;
  #served: Served | undefined;

  constructor(
    private readonly name: string,
    readonly versionId: string,
    private readonly means: DeploymentMeans,
    /** What must be gone first: an earlier version under the same name, whose memory this one needs. */
    before: Promise<void> = Promise.resolve(),
  ) {
    this.#life = before.then(() => this.#live());
  }

  /** Whether it serves, or is still on its way there. */
  get isAlive(): boolean {
    return this.#phase === 'pending' || this.#phase === 'loading' || this.#phase === 'ready';
  }

  get state(): WorkerDeploymentState {
    const { platform, signature } = this.#served?.model ?? {};
    return {
      name: this.name,
      versionId: this.versionId,
      phase: this.#phase,
      ...this.#why,
      ...(this.#versionDigest === undefined ? {} : { versionDigest: this.#versionDigest }),
      ...(platform === undefined ? {} : { platform }),
      ...(signature === undefined
        ? {}
        : { signature: { inputs: signature.inputs.map(spec), outputs: signature.outputs.map(spec) } }),
    };
  }

  /**
   * @throws WorkerError `model_not_ready`; TensorError when the inputs don't fit the signature; EngineError
   */
  async infer(inputs: readonly Tensor[]): Promise<Inference> {
    if (this.#served?.lease.isValid !== true) {
      throw new WorkerError('model_not_ready', {
        kind: 'conflict',
        publicDetail: `This worker holds no weights for "${this.name}": it is ${this.#phase}.`,
      });
    }
    const { model, versionNumber, versionDigest } = this.#served;
    const outputs = await model.run(validateInputs(model.signature, inputs));
    return { outputs, versionNumber, versionDigest };
  }

  /** Resolves when the weights are gone. Idempotent. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#life;
  }

  async #live(): Promise<void> {
    try {
      if (this.#stopping.signal.aborted) return this.#enter('stopped');
      this.#enter('loading');
      const released = await this.#release();
      // Held from here on: weights that take long to load are not served under a lease that ended meanwhile.
      const lease = HeldLease.hold(leaseOf(released), {
        renew: (id) => this.means.keybroker.renew(id),
        acquire: () => this.#acquire(released),
      });
      await this.#loadAndServe(released, lease).finally(() => lease.letGo());
    } catch (error) {
      this.#fail(error);
    }
  }

  async #loadAndServe(released: ReleasedKeys, lease: HeldLease): Promise<void> {
    const { store } = this.means;
    const { files, versionDigest, number } = await openVersion(released, store, this.#stopping.signal);
    this.#versionDigest = versionDigest;
    const model = await loadModel(files);
    try {
      await this.#serve({ model, lease, versionNumber: number, versionDigest });
    } finally {
      this.#served = undefined;
      await model.dispose();
    }
  }

  /** Serves until it is told to stop. @throws whatever else ends it: a refusal, the lease, the model's thread */
  async #serve(served: Served): Promise<void> {
    if (served.lease.isValid && !this.#stopping.signal.aborted) {
      this.#served = served;
      this.#enter('ready');
    }
    const stopped = aborted(this.#stopping.signal);
    const end = await Promise.race([stopped, served.lease.ended, served.model.lost]);
    this.#served = undefined;
    if (end !== undefined) throw end;
    this.#enter('stopped');
  }

  /** The keybroker was started anew. It may release again, but what runs here must be what it released. */
  async #acquire(held: ReleasedKeys): Promise<Lease> {
    const again = await this.#release();
    if (again.release.versionDigest === held.release.versionDigest) return leaseOf(again);
    throw new WorkerError('release_inconsistent', {
      kind: 'conflict',
      publicDetail: 'The version now has another digest than the one that is loaded.',
    });
  }

  #release(): Promise<ReleasedKeys> {
    const { keybroker, peer } = this.means;
    const subject = { kind: 'version', id: this.versionId } as const;
    return requestKeys(keybroker, { purpose: 'serve', subject, deployment: this.name, peer });
  }

  #fail(cause: unknown): void {
    if (this.#stopping.signal.aborted) return this.#enter('stopped');
    const known = cause instanceof CastellanError ? cause : undefined;
    this.#why = {
      reason: known?.code ?? 'unexpected',
      message: known?.publicDetail ?? 'The worker failed in a way that it does not know.',
    };
    const isDefect = known === undefined || known.kind === 'internal';
    this.#enter(known?.code === 'release_refused' ? 'refused' : 'failed', isDefect ? cause : undefined);
  }

  #enter(phase: Phase, fault?: unknown): void {
    this.#phase = phase;
    this.means.onPhase(this.state, fault);
  }
}

function leaseOf({ release: { lease } }: ReleasedKeys): Lease {
  return { id: lease.id, expiresAt: new Date(lease.expiresAt) };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function spec({ name, datatype, shape }: { name: string; datatype: string; shape: readonly number[] }) {
  return { name, datatype, shape: [...shape] };
}
