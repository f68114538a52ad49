import * as tf from '@tensorflow/tfjs';
import { type LayerConfig } from '../layer-config.js';
import { ZEROS, type LayerFactory } from './layer-factory.js';
import { NormalizationLayer } from './normalization-layer.js';

/** The only axis; Keras 2 writes it as a list of one. */
function axis(config: LayerConfig): number {
  const [only, ...others] = config.numbers('axis');
  if (only === undefined || others.length > 0) throw config.unsupported('it normalises over several axes');
  return only;
}

/** A scale or offset is one number, or one for each channel, which TensorFlow.js lacks. */
function single(config: LayerConfig, key: string): number {
  if (typeof config.json[key] !== 'number') throw config.unsupported(`${key} is not one number`);
  return config.number(key);
}

const normalization: LayerFactory = (config) => {
  if (config.has('mean') || config.has('variance'))
    throw config.unsupported('its mean and variance were given, not adapted');
  config.expect('invert', false);
  if (axis(config) !== -1) throw config.unsupported('it normalises over another dimension than the last');
  return new NormalizationLayer({ name: config.name });
};

tf.serialization.registerClass(NormalizationLayer);

export const normalizationLayers: Readonly<Record<string, LayerFactory>> = {
  BatchNormalization: (config) =>
    tf.layers.batchNormalization({
      name: config.name,
      axis: axis(config),
      epsilon: config.number('epsilon'),
      center: config.flag('center', true),
      scale: config.flag('scale', true),
      betaInitializer: ZEROS,
      gammaInitializer: ZEROS,
      movingMeanInitializer: ZEROS,
      movingVarianceInitializer: ZEROS,
    }),
  LayerNormalization: (config) => {
    config.expect('rms_scaling', false);
    return tf.layers.layerNormalization({
      name: config.name,
      axis: config.numbers('axis'),
      epsilon: config.number('epsilon'),
      center: config.flag('center', true),
      scale: config.flag('scale', true),
      betaInitializer: ZEROS,
      gammaInitializer: ZEROS,
    });
  },
  Normalization: normalization,
  Rescaling: (config) =>
    tf.layers.rescaling({
      name: config.name,
      scale: single(config, 'scale'),
      offset: single(config, 'offset'),
    }),
};
