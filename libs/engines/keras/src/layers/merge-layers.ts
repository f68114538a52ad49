import * as tf from '@tensorflow/tfjs';
import { type LayerConfig } from '../layer-config.js';
import { type LayerFactory } from './layer-factory.js';
import { SubtractLayer } from './subtract-layer.js';

function axes(config: LayerConfig): number | [number, number] {
  const [left, right] = config.numbers('axes');
  if (left === undefined) throw config.malformed('axes', 'numbers');
  return right === undefined ? left : [left, right];
}

tf.serialization.registerClass(SubtractLayer);

export const mergeLayers: Readonly<Record<string, LayerFactory>> = {
  Add: ({ name }) => tf.layers.add({ name }),
  Average: ({ name }) => tf.layers.average({ name }),
  Maximum: ({ name }) => tf.layers.maximum({ name }),
  Minimum: ({ name }) => tf.layers.minimum({ name }),
  Subtract: ({ name }) => new SubtractLayer({ name }),
  Multiply: ({ name }) => tf.layers.multiply({ name }),
  Concatenate: (config) => tf.layers.concatenate({ name: config.name, axis: config.number('axis', -1) }),
  Dot: (config) =>
    tf.layers.dot({ name: config.name, axes: axes(config), normalize: config.flag('normalize') }),
};
