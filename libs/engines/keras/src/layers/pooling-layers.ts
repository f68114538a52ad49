import * as tf from '@tensorflow/tfjs';
import { type LayerConfig } from '../layer-config.js';
import { type LayerFactory } from './layer-factory.js';

const PADDING = ['valid', 'same'] as const;

function pooling(config: LayerConfig) {
  config.expect('data_format', 'channels_last');
  return { name: config.name, padding: config.oneOf('padding', PADDING) };
}

function pool1d(config: LayerConfig) {
  const [poolSize] = config.sizes('pool_size', 1);
  return { ...pooling(config), poolSize, strides: config.sizes('strides', 1)[0] };
}

function pool2d(config: LayerConfig) {
  const poolSize = config.sizes('pool_size', 2);
  return { ...pooling(config), poolSize, strides: config.sizes('strides', 2) };
}

function pool3d(config: LayerConfig) {
  const poolSize = config.sizes('pool_size', 3);
  return { ...pooling(config), poolSize, strides: config.sizes('strides', 3) };
}

function global(config: LayerConfig) {
  config.expect('data_format', 'channels_last');
  config.expect('keepdims', false);
  return { name: config.name };
}

export const poolingLayers: Readonly<Record<string, LayerFactory>> = {
  MaxPooling1D: (config) => tf.layers.maxPooling1d(pool1d(config)),
  MaxPooling2D: (config) => tf.layers.maxPooling2d(pool2d(config)),
  MaxPooling3D: (config) => tf.layers.maxPooling3d(pool3d(config)),
  AveragePooling1D: (config) => tf.layers.averagePooling1d(pool1d(config)),
  AveragePooling2D: (config) => tf.layers.averagePooling2d(pool2d(config)),
  AveragePooling3D: (config) => tf.layers.averagePooling3d(pool3d(config)),
  GlobalAveragePooling1D: (config) => tf.layers.globalAveragePooling1d(global(config)),
  GlobalAveragePooling2D: (config) =>
    tf.layers.globalAveragePooling2d({ ...global(config), dataFormat: 'channelsLast' }),
  GlobalMaxPooling1D: (config) => tf.layers.globalMaxPooling1d(global(config)),
  GlobalMaxPooling2D: (config) =>
    tf.layers.globalMaxPooling2d({ ...global(config), dataFormat: 'channelsLast' }),
};
