import { type Signature, type Tensor } from '@castellan/tensors';

/** A version's files by their path in the manifest, `/` between folders. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/** A model in memory, ready to answer. */
export interface LoadedModel {
  readonly signature: Signature;
  /** What computes it, as the Open Inference Protocol's `platform`, for example `onnxruntime_onnx`. */
  readonly platform: string;

  /**
   * Answers one request. The inputs are already known to fit the signature and stand in its order; so do the outputs.
   * Calls may overlap; the engine decides what runs at once.
   * @throws EngineError `engine_failed`, with the model still loaded
   */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;

  /** Frees the weights. Idempotent; a run in progress may fail. */
  dispose(): Promise<void>;
}

/** Loads one family of model formats. */
export interface Engine {
  readonly name: string;

  /** Whether these files hold a model for this engine, judged by content. Reads headers only. */
  accepts(files: ModelFiles): boolean;

  /**
   * Loads entirely from memory: opens no path, reaches no network, runs no code from the files. The engine takes
   * ownership of the bytes and has overwritten them with zeros when it returns, also when it throws.
   * @throws EngineError `model_unreadable`, `model_carries_code`, `model_feature_unsupported`,
   *   `model_format_unsupported`
   */
  load(files: ModelFiles): Promise<LoadedModel>;
}

/** Overwrites plaintext that has served its purpose. What an engine has copied, or a thread was given, is theirs to guard. */
export function wipe(files: ModelFiles): void {
  for (const bytes of files.values()) if (bytes.byteLength > 0) bytes.fill(0);
}

/** The same bytes in memory that can move to another thread: their own if nothing else lies in it, else a copy. */
export function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength) return new Uint8Array(buffer);
  const copy = new Uint8Array(bytes);
  bytes.fill(0);
  return copy;
}
