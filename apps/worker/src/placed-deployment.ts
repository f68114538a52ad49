import type { Phase, WorkerDeploymentState } from '@castellan/contracts';
import type { BlobStore } from '@castellan/blob-store';
import type { LoadedModel } from '@castellan/engine';
import { CastellanError } from '@castellan/errors';
import { type KeybrokerClient, type ReleasedKeys, requestKeys } from '@castellan/keybroker-client';
import { type Tensor, validateInputs } from '@castellan/tensors';
import { keepLease } from './lease.js';
import { loadModel } from './load-model.js';
import { openVersion } from './open-version.js';
import { WorkerError } from './worker-error.js';

export interface DeploymentMeans {
  readonly keybroker: KeybrokerClient;
  readonly store: BlobStore;
  /** `<role>/<name>` of this process's certificate. */
  readonly peer: string;
}

interface Served {
  readonly model: LoadedModel;
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
    if (this.#served === undefined) {
      throw new WorkerError('model_not_ready', {
        kind: 'conflict',
        publicDetail: `This worker holds no weights for "${this.name}": it is ${this.#phase}.`,
      });
    }
    const { model, ...version } = this.#served;
    return { outputs: await model.run(validateInputs(model.signature, inputs)), ...version };
  }

  /** Resolves when the weights are gone. Idempotent. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#life;
  }

  async #live(): Promise<void> {
    try {
      this.#phase = 'loading';
      const released = await this.#release();
      const { files, versionDigest, number } = await openVersion(released, this.means.store);
      this.#versionDigest = versionDigest;
      const model = await loadModel(files);
      await this.#serve({ model, versionNumber: number, versionDigest }, released);
    } catch (error) {
      this.#end(error);
    }
  }

  async #serve(served: Served, { release }: ReleasedKeys): Promise<void> {
    const ending = this.#stopping.signal;
    try {
      if (ending.aborted) return this.#end(undefined);
      this.#served = served;
      this.#phase = 'ready';
      const lease = { id: release.lease.id, expiresAt: new Date(release.lease.expiresAt) };
      const source = {
        renew: (id: string) => this.means.keybroker.renew(id),
        acquire: async () => {
          const { id, expiresAt } = (await this.#release()).release.lease;
          return { id, expiresAt: new Date(expiresAt) };
        },
      };
      this.#end(await Promise.race([keepLease(lease, source, ending), lossOf(served.model)]));
    } finally {
      this.#served = undefined;
      await served.model.dispose();
    }
  }

  #release(): Promise<ReleasedKeys> {
    const { keybroker, peer } = this.means;
    const subject = { kind: 'version', id: this.versionId } as const;
    return requestKeys(keybroker, { purpose: 'serve', subject, deployment: this.name, peer });
  }

  #end(cause: unknown): void {
    this.#served = undefined;
    if (cause === undefined) {
      this.#phase = 'stopped';
      return;
    }
    const known = cause instanceof CastellanError ? cause : undefined;
    this.#phase = known?.code === 'release_refused' ? 'refused' : 'failed';
    this.#why = {
      reason: known?.code ?? 'unexpected',
      message: known?.publicDetail ?? 'The worker failed in a way that it does not know.',
    };
  }
}

function spec({ name, datatype, shape }: { name: string; datatype: string; shape: readonly number[] }) {
  return { name, datatype, shape: [...shape] };
}

/** Resolves when a model's thread has died under it; never for a model that can't be lost. */
function lossOf(model: LoadedModel): Promise<unknown> {
  return 'lost' in model && model.lost instanceof Promise ? model.lost : new Promise(() => undefined);
}
