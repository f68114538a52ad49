import * as tf from '@tensorflow/tfjs';
import { activation } from '../activations.js';
import { type LayerConfig } from '../layer-config.js';
import { ZEROS, type LayerContext, type LayerFactory } from './layer-factory.js';

/** What the layers of this file have in common; they keep channels last and convolve all channels at once. */
function convolution(config: LayerConfig, { generation }: LayerContext) {
  config.expect('data_format', 'channels_last');
  config.expect('groups', 1);
  config.expect('output_padding', null);
  return {
    name: config.name,
    useBias: config.flag('use_bias', true),
    activation: activation(config, 'activation', generation),
    biasInitializer: ZEROS,
  } as const;
}

function window2d(config: LayerConfig) {
  return {
    kernelSize: config.sizes('kernel_size', 2),
    strides: config.sizes('strides', 2, 1),
    dilationRate: config.sizes('dilation_rate', 2, 1),
  };
}

const PADDING = ['valid', 'same'] as const;

export const convolutionLayers: Readonly<Record<string, LayerFactory>> = {
  Conv1D: (config, context) =>
    tf.layers.conv1d({
      ...convolution(config, context),
      kernelSize: config.sizes('kernel_size', 1),
      strides: config.sizes('strides', 1, 1),
      dilationRate: config.sizes('dilation_rate', 1, 1),
      filters: config.number('filters'),
      padding: config.oneOf('padding', PADDING),
      kernelInitializer: ZEROS,
    }),
  Conv2D: (config, context) =>
    tf.layers.conv2d({
      ...convolution(config, context),
      ...window2d(config),
      filters: config.number('filters'),
      padding: config.oneOf('padding', PADDING),
      kernelInitializer: ZEROS,
    }),
  Conv3D: (config, context) =>
    tf.layers.conv3d({
      ...convolution(config, context),
      kernelSize: config.sizes('kernel_size', 3),
      strides: config.sizes('strides', 3, 1),
      dilationRate: config.sizes('dilation_rate', 3, 1),
      filters: config.number('filters'),
      padding: config.oneOf('padding', PADDING),
      kernelInitializer: ZEROS,
    }),
  Conv2DTranspose: (config, context) => {
    const { dilationRate, ...window } = window2d(config);
    if (dilationRate.some((rate) => rate !== 1)) throw config.unsupported('it is dilated');
    return tf.layers.conv2dTranspose({
      ...convolution(config, context),
      ...window,
      filters: config.number('filters'),
      padding: config.oneOf('padding', PADDING),
      kernelInitializer: ZEROS,
    });
  },
  SeparableConv2D: (config, context) =>
    tf.layers.separableConv2d({
      ...convolution(config, context),
      ...window2d(config),
      filters: config.number('filters'),
      depthMultiplier: config.number('depth_multiplier', 1),
      padding: config.oneOf('padding', PADDING),
      depthwiseInitializer: ZEROS,
      pointwiseInitializer: ZEROS,
    }),
  DepthwiseConv2D: (config, context) =>
    tf.layers.depthwiseConv2d({
      ...convolution(config, context),
      ...window2d(config),
      depthMultiplier: config.number('depth_multiplier', 1),
      padding: config.oneOf('padding', PADDING),
      depthwiseInitializer: ZEROS,
    }),
  ZeroPadding2D: (config) => {
    config.expect('data_format', 'channels_last');
    return tf.layers.zeroPadding2d({ name: config.name, padding: sides(config, 'padding') });
  },
  Cropping2D: (config) => {
    config.expect('data_format', 'channels_last');
    return tf.layers.cropping2D({ name: config.name, cropping: sides(config, 'cropping') });
  },
  UpSampling2D: (config) => {
    config.expect('data_format', 'channels_last');
    config.expect('interpolation', 'nearest');
    return tf.layers.upSampling2d({ name: config.name, size: config.sizes('size', 2) });
  },
};

/** `[[top, bottom], [left, right]]`, which is how Keras writes it whatever it was given. */
function sides(config: LayerConfig, key: string): [[number, number], [number, number]] {
  const value = config.json[key];
  if (Array.isArray(value)) {
    const [vertical, horizontal]: readonly unknown[] = value;
    const [top, bottom] = Array.isArray(vertical) ? (vertical as unknown[]) : [];
    const [left, right] = Array.isArray(horizontal) ? (horizontal as unknown[]) : [];
    if (typeof top === 'number' && typeof bottom === 'number') {
      if (typeof left === 'number' && typeof right === 'number')
        return [
          [top, bottom],
          [left, right],
        ];
    }
  }
  throw config.malformed(key, 'two pairs of numbers');
}
