import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Signature, type Tensor } from '@castellan/tensors';
import { movable, type LoadedModel, type ModelFiles } from '../engine.js';
import { EngineError } from '../engine-error.js';
import {
  type EngineModule,
  type FromThread,
  type HostedFailure,
  type HostStart,
  type ToThread,
} from './host-message.js';

/**
 * A model in a thread of its own, so that engines whose `run` blocks never block the process. The thread has an empty
 * environment: no secret of the process is in its reach by name. When the thread dies (an exception outside a run), the model's runs fail with `model_host_lost` and nothing else in the process is touched. It does *not*
 * protect against a crash inside native code, which ends the process; hence one process per device.
 */
export class ModelHost implements LoadedModel {
  readonly signature: Signature;
  readonly platform: string;
  readonly #thread: ModelThread;

  private constructor(thread: ModelThread, signature: Signature, platform: string) {
    this.#thread = thread;
    this.signature = signature;
    this.platform = platform;
  }

  /**
   * Starts a thread and loads one model in it. Takes ownership of the files: their memory moves into the thread, or is
   * copied there and overwritten here, and the engine overwrites it once loaded.
   * @throws EngineError what the engine throws at load; `model_host_lost` when the thread dies first
   */
  static async load(engine: EngineModule, files: ModelFiles): Promise<ModelHost> {
    const thread = new ModelThread(engine, files);
    const { signature, platform } = await thread.loaded;
    return new ModelHost(thread, signature, platform);
  }

  /** Resolves when the thread is gone without having been disposed of; the reason is what runs in progress got. */
  get lost(): Promise<EngineError> {
    return this.#thread.lost;
  }

  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    return this.#thread.run(inputs);
  }

  dispose(): Promise<void> {
    return this.#thread.dispose();
  }
}

interface Loaded {
  readonly signature: Signature;
  readonly platform: string;
}

/** The messages between the process and one thread, and what is waiting for an answer. */
class ModelThread {
  readonly loaded: Promise<Loaded>;
  readonly lost: Promise<EngineError>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #loading = Promise.withResolvers<Loaded>();
  readonly #losing = Promise.withResolvers<EngineError>();
  readonly #runs = new Map<number, PromiseWithResolvers<readonly Tensor[]>>();
  #runsStarted = 0;
  #gone: EngineError | undefined;
  #disposing = false;

  constructor(engine: EngineModule, files: ModelFiles) {
    const owned = Array.from(files, ([path, bytes]) => [path, movable(bytes)] as const);
    const start: HostStart = { engine, files: owned };
    this.#worker = new Worker(new URL(`./model-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: start,
      transferList: [...new Set(owned.map(([, bytes]) => bytes.buffer))],
      env: {},
      name: 'model',
    });
    this.loaded = this.#loading.promise;
    this.lost = this.#losing.promise;
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (cause) => this.#lose(cause));
    this.#worker.on('exit', () => this.#lose(undefined));
  }

  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    this.#runsStarted += 1;
    const waiting = Promise.withResolvers<readonly Tensor[]>();
    this.#runs.set(this.#runsStarted, waiting);
    this.#send({ kind: 'run', id: this.#runsStarted, inputs });
    return waiting.promise;
  }

  async dispose(): Promise<void> {
    if (!this.#disposing && this.#gone === undefined) {
      this.#disposing = true;
      this.#send({ kind: 'dispose' });
    }
    await this.#exited;
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case 'loaded':
        this.#loading.resolve({ signature: message.signature, platform: message.platform });
        break;
      case 'refused':
        this.#disposing = true;
        this.#loading.reject(asError(message.failure));
        break;
      case 'ran':
        this.#settle(message.id)?.resolve(message.outputs);
        break;
      case 'failed':
        this.#settle(message.id)?.reject(asError(message.failure));
        break;
    }
  }

  #settle(id: number): PromiseWithResolvers<readonly Tensor[]> | undefined {
    const waiting = this.#runs.get(id);
    this.#runs.delete(id);
    return waiting;
  }

  #lose(cause: unknown): void {
    if (this.#gone !== undefined) return;
    const how = this.#disposing ? 'was unloaded' : 'is gone: its thread ended';
    const error = new EngineError('model_host_lost', `The model ${how}.`, cause);
    this.#gone = error;
    this.#loading.reject(error);
    this.#runs.forEach((waiting) => waiting.reject(error));
    this.#runs.clear();
    if (!this.#disposing) this.#losing.resolve(error);
  }
}

function asError({ code, detail }: HostedFailure): EngineError {
  return new EngineError(code, detail);
}
