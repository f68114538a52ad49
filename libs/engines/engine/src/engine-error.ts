import { CastellanError, type ErrorKind } from '@castellan/errors';

export type EngineErrorCode =
  /** None of the files is a model that this engine, or any engine, runs. */
  | 'model_format_unsupported'
  /** The file is cut short, corrupt, or not what it says it is. */
  | 'model_unreadable'
  /** A part of it would have to be in memory as a whole, and is longer than that may be. */
  | 'model_too_large'
  /** The model would need code of its author's to run. Castellan runs no code that comes inside a model. */
  | 'model_carries_code'
  /** A layer, operator or type that the engine can't compute exactly. */
  | 'model_feature_unsupported'
  /** A sound model, but not one that can be trained on from here with the table's columns. */
  | 'base_incompatible'
  /** The engine gave up on this request. The model stays loaded. */
  | 'engine_failed'
  /** The thread that held the model is gone; the model must be loaded again. */
  | 'model_host_lost';

const KIND: Record<EngineErrorCode, ErrorKind> = {
  model_format_unsupported: 'invalid',
  model_unreadable: 'invalid',
  model_too_large: 'invalid',
  model_carries_code: 'invalid',
  model_feature_unsupported: 'invalid',
  base_incompatible: 'invalid',
  engine_failed: 'internal',
  model_host_lost: 'unavailable',
};

/** A model that can't be loaded or run. `publicDetail` names the layer, operator or file. */
export class EngineError extends CastellanError {
  declare readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: KIND[code], publicDetail, cause });
  }
}
