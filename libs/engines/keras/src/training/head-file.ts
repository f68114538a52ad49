import { writeKerasHdf5 } from '../write-keras-hdf5.js';
import type { DenseWeights } from './head.js';
import { activationAfter, type HeadShape } from './head-shape.js';

const initializers = {
  kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null } },
  bias_initializer: { class_name: 'Zeros', config: {} },
};

/**
 * How the rows that were trained on differ from those of the table: input i was (value − offset)·factor, and a predicted
 * number is offset + output·factor.
 */
export interface Scaling {
  readonly inputs: readonly AffineMap[];
  readonly output?: AffineMap;
}

export interface AffineMap {
  readonly offset: number;
  readonly factor: number;
}

/**
 * A trained head as a Keras file: a Sequential of dense layers, the last with softmax where classes are told apart. The
 * scaling is worked into the first and the last layer, so that the file takes and gives numbers as the table has them.
 */
export function writeHead(
  shape: HeadShape,
  trained: readonly DenseWeights[],
  scaling: Scaling = { inputs: [] },
): Promise<Uint8Array> {
  const weights = foldScaling(trained, scaling);
  const last = weights.length - 1;
  const named = weights.map((layer, i) => ({ layer, name: i === last ? 'output' : `dense_${i + 1}` }));
  const dense = named.map(({ layer, name }, i) => ({
    class_name: 'Dense',
    config: {
      name,
      trainable: true,
      dtype: 'float32',
      units: layer.outputs,
      activation: i === last && shape.loss === 'softmax' ? 'softmax' : activationAfter(shape, i),
      use_bias: true,
      ...initializers,
    },
  }));
  const input = {
    class_name: 'InputLayer',
    config: {
      batch_input_shape: [null, shape.inputs],
      dtype: 'float32',
      sparse: false,
      ragged: false,
      name: 'features',
    },
  };
  return writeKerasHdf5({
    config: { class_name: 'Sequential', config: { name: 'private_head', layers: [input, ...dense] } },
    kerasVersion: '2.15.0',
    layers: [
      { name: 'features', weights: [] },
      ...named.map(({ layer, name }) => ({
        name,
        weights: [
          { name: `${name}/kernel:0`, shape: [layer.inputs, layer.outputs], data: layer.kernel },
          { name: `${name}/bias:0`, shape: [layer.outputs], data: layer.bias },
        ],
      })),
    ],
  });
}

/** Layers that take and give numbers as the table has them, of those that took scaled rows. */
export function foldScaling(layers: readonly DenseWeights[], scaling: Scaling): DenseWeights[] {
  return layers.map((layer, i) => {
    const first = i === 0 ? foldInputs(layer, scaling.inputs) : layer;
    return i === layers.length - 1 ? foldOutput(first, scaling.output) : first;
  });
}

/** The inverse of `foldScaling`: what a model that takes the table's numbers is on scaled rows. */
export function unfoldScaling(layers: readonly DenseWeights[], { inputs, output }: Scaling): DenseWeights[] {
  const back = inputs.map(({ offset, factor }) => ({ offset: -offset * factor, factor: 1 / factor }));
  const inverse = output && { offset: -output.offset / output.factor, factor: 1 / output.factor };
  return foldScaling(layers, { inputs: back, ...(inverse && { output: inverse }) });
}

function foldInputs(layer: DenseWeights, inputs: readonly AffineMap[]): DenseWeights {
  const kernel = Float32Array.from(layer.kernel);
  const bias = Float64Array.from(layer.bias);
  inputs.forEach(({ offset, factor }, input) => {
    for (let output = 0; output < layer.outputs; output += 1) {
      const at = input * layer.outputs + output;
      const slope = (layer.kernel[at] ?? 0) * factor;
      kernel[at] = slope;
      bias[output] = (bias[output] ?? 0) - slope * offset;
    }
  });
  return { ...layer, kernel, bias: Float32Array.from(bias) };
}

function foldOutput(layer: DenseWeights, output: AffineMap | undefined): DenseWeights {
  if (output === undefined) return layer;
  const { offset, factor } = output;
  return {
    ...layer,
    kernel: layer.kernel.map((slope) => slope * factor),
    bias: layer.bias.map((value) => value * factor + offset),
  };
}
