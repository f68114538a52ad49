import { type Signature, type Tensor } from '@castellan/tensors';
import { type EngineErrorCode } from '../engine-error.js';

/** Where a model's thread finds its engine: a module, and the name under which it exports an Engine. */
export interface EngineModule {
  readonly url: string;
  readonly exportName: string;
}

/** What a thread is started with. The files' memory moves into the thread. */
export interface HostStart {
  readonly engine: EngineModule;
  readonly files: readonly (readonly [path: string, bytes: Uint8Array])[];
}

export type ToThread =
  | { readonly kind: 'run'; readonly id: number; readonly inputs: readonly Tensor[] }
  | { readonly kind: 'dispose' };

export interface HostedFailure {
  readonly code: EngineErrorCode;
  readonly detail: string;
}

export type FromThread =
  | { readonly kind: 'loaded'; readonly signature: Signature; readonly platform: string }
  | { readonly kind: 'refused'; readonly failure: HostedFailure }
  | { readonly kind: 'ran'; readonly id: number; readonly outputs: readonly Tensor[] }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: HostedFailure };
