import { type layers } from '@tensorflow/tfjs';
import { type LayerConfig } from '../layer-config.js';

export type Layer = InstanceType<typeof layers.Layer>;

/** What a factory needs beside its own entry. */
export interface LayerContext {
  readonly generation: 2 | 3;
  /** Builds a layer inside a wrapper. */
  build(config: LayerConfig): Layer;
}

/**
 * Makes the TensorFlow.js layer that computes at inference what Keras computes, its weights still zero.
 * @throws EngineError `model_feature_unsupported` for settings under which the two would differ
 */
export type LayerFactory = (config: LayerConfig, context: LayerContext) => Layer;

/** Every weight is written from the file, so nothing is worth drawing at random. */
export const ZEROS = 'zeros';
