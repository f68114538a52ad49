import { EngineError } from '@castellan/engine';
import { type LayerConfig } from '../layer-config.js';
import { convolutionLayers } from './convolution-layers.js';
import { coreLayers, trainingOnlyLayers } from './core-layers.js';
import { type Layer, type LayerFactory } from './layer-factory.js';
import { mergeLayers } from './merge-layers.js';
import { normalizationLayers } from './normalization-layers.js';
import { poolingLayers } from './pooling-layers.js';
import { recurrentLayers } from './recurrent-layers.js';

const FACTORIES: ReadonlyMap<string, LayerFactory> = new Map(
  Object.entries({
    ...coreLayers,
    ...trainingOnlyLayers,
    ...convolutionLayers,
    ...poolingLayers,
    ...normalizationLayers,
    ...mergeLayers,
    ...recurrentLayers,
  }),
);

/** The layer of one entry. @throws EngineError `model_feature_unsupported`, `model_unreadable` */
export function buildLayer(config: LayerConfig, generation: 2 | 3): Layer {
  const factory = FACTORIES.get(config.className);
  if (factory === undefined) throw config.unsupported('the engine has no such layer');
  if (config.dtype !== 'float32') throw config.unsupported(`it computes in ${config.dtype}`);
  try {
    return factory(config, { generation, build: (inner) => buildLayer(inner, generation) });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    // TensorFlow.js refuses settings that it lacks when a layer is made.
    throw config.unsupported(error instanceof Error ? error.message : String(error));
  }
}
