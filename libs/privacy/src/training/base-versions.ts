import type { BaseVersion } from './find-base.js';

/** A version in memory. Whoever opens it disposes of it. */
export interface OpenedBase {
  /** Of the manifest that was approved. */
  readonly organization: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Overwrites the files. */
  dispose(): void;
}

/** Opens an approved version to train on: its key is released for the purpose `train`, recorded before it leaves. */
export abstract class BaseVersions {
  /**
   * @throws what the release refuses with; base_differs when the version of that id has another digest; kind `unavailable`
   * when it can't be had at the moment
   */
  abstract open(base: BaseVersion): Promise<OpenedBase>;
}
