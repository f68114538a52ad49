import * as tf from '@tensorflow/tfjs';
import { activation } from '../activations.js';
import { ZEROS, type LayerFactory } from './layer-factory.js';

const dense: LayerFactory = (config, { generation }) =>
  tf.layers.dense({
    name: config.name,
    units: config.number('units'),
    useBias: config.flag('use_bias', true),
    activation: activation(config, 'activation', generation),
    kernelInitializer: ZEROS,
    biasInitializer: ZEROS,
  });

const embedding: LayerFactory = (config) => {
  if (config.flag('mask_zero')) throw config.unsupported('mask_zero: masks are not followed');
  return tf.layers.embedding({
    name: config.name,
    inputDim: config.number('input_dim'),
    outputDim: config.number('output_dim'),
    embeddingsInitializer: ZEROS,
  });
};

/** Layers that only change shape, or apply one function. */
export const coreLayers: Readonly<Record<string, LayerFactory>> = {
  Dense: dense,
  Embedding: embedding,
  Activation: (config, { generation }) =>
    tf.layers.activation({ name: config.name, activation: activation(config, 'activation', generation) }),
  Flatten: (config) => {
    config.expect('data_format', 'channels_last');
    return tf.layers.flatten({ name: config.name });
  },
  Reshape: (config) => tf.layers.reshape({ name: config.name, targetShape: config.numbers('target_shape') }),
  Permute: (config) => tf.layers.permute({ name: config.name, dims: config.numbers('dims') }),
  RepeatVector: (config) => tf.layers.repeatVector({ name: config.name, n: config.number('n') }),
  ReLU: (config) => {
    config.expect('negative_slope', 0);
    config.expect('threshold', 0);
    const name = config.name;
    return config.has('max_value')
      ? tf.layers.reLU({ name, maxValue: config.number('max_value') })
      : tf.layers.reLU({ name });
  },
  LeakyReLU: (config) => {
    const key = config.has('negative_slope') ? 'negative_slope' : 'alpha';
    return tf.layers.leakyReLU({ name: config.name, alpha: config.number(key) });
  },
  PReLU: (config) =>
    tf.layers.prelu({
      name: config.name,
      alphaInitializer: ZEROS,
      ...(config.has('shared_axes') ? { sharedAxes: config.numbers('shared_axes') } : {}),
    }),
  ELU: (config) => {
    config.expect('alpha', 1);
    return tf.layers.elu({ name: config.name });
  },
  Softmax: (config) => {
    config.expect('axis', -1);
    // TensorFlow.js's own default is the first dimension after the batch.
    return tf.layers.softmax({ name: config.name, axis: -1 });
  },
  ThresholdedReLU: (config) =>
    tf.layers.thresholdedReLU({ name: config.name, theta: config.number('theta') }),
};

/** Layers that do something in training only. At inference each hands on its input. */
const TRAINING_ONLY = [
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'RandomBrightness',
  'RandomContrast',
  'RandomFlip',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
];

const identity: LayerFactory = (config) => tf.layers.dropout({ name: config.name, rate: 0 });

export const trainingOnlyLayers: Readonly<Record<string, LayerFactory>> = Object.fromEntries(
  TRAINING_ONLY.map((className) => [className, identity]),
);
