import * as tf from '@tensorflow/tfjs';
import { activationAfter, parameterCount, type HeadShape, type TrainingLossKind } from './head-shape.js';

/** A dense layer's numbers in Keras's order: kernel (inputs × outputs, row by row), bias. */
export interface DenseWeights {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

const activations = { relu: tf.relu, tanh: tf.tanh, sigmoid: tf.sigmoid, linear: (x: tf.Tensor) => x };

/** The head's numbers as tensors: kernel, bias, kernel, bias, … */
type Numbers = readonly tf.Tensor[];

/** Scores before the loss. `x` has shape [rows, 1, inputs] and each row numbers of its own, or all rows the same. */
function scores(shape: HeadShape, x: tf.Tensor, numbers: Numbers): tf.Tensor {
  let values = x;
  for (let i = 0; i < numbers.length; i += 2) {
    const [kernel, bias] = [numbers[i], numbers[i + 1]];
    if (kernel === undefined || bias === undefined) throw new Error('a layer lacks numbers');
    values = activations[activationAfter(shape, i / 2)](tf.matMul(values, kernel).add(bias));
  }
  return values;
}

/** The sum of the rows' losses, with the gradient by the scores written out: exact, and stable for large scores. */
function lossOf(kind: TrainingLossKind, labels: tf.Tensor): (z: tf.Tensor) => tf.Tensor {
  const loss = tf.customGrad((z, save) => {
    const logits = z as tf.Tensor;
    (save as tf.GradSaveFunc)([logits]);
    const value =
      kind === 'squared'
        ? logits.sub(labels).square().sum().div(2)
        : tf.logSumExp(logits, -1, true).sub(logits.mul(labels).sum(-1, true)).sum();
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [z] = saved;
      if (z === undefined) throw new Error('nothing was saved');
      return (kind === 'squared' ? z : tf.softmax(z, -1)).sub(labels).mul(dy);
    };
    return { value, gradFunc };
  });
  return (z) => loss(z);
}

/**
 * The gradient of every row by itself, in one pass: each row is given a copy of all numbers, so that the gradient by its
 * copy is its own and nobody else's. Row by row: the layers' kernels and biases in order.
 */
export function rowGradients(
  shape: HeadShape,
  numbers: Numbers,
  rows: { readonly features: tf.Tensor2D; readonly labels: tf.Tensor2D },
): Float32Array[] {
  const count = rows.features.shape[0];
  const parts = tf.tidy(() => {
    const x = rows.features.expandDims(1);
    const loss = lossOf(shape.loss, rows.labels.expandDims(1));
    const copies = numbers.map((part) => part.expandDims(0).tile([count, 1, 1]));
    return tf.grads((...own: tf.Tensor[]) => loss(scores(shape, x, own)).asScalar())(copies);
  });
  const data = parts.map((part) => part.dataSync() as Float32Array);
  tf.dispose(parts);
  const total = parameterCount(shape);
  return Array.from({ length: count }, (_, row) => {
    const gradient = new Float32Array(total);
    let at = 0;
    for (const part of data) {
      const width = part.length / count;
      gradient.set(part.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
    return gradient;
  });
}

/** The mean loss of rows that anybody may know, and for classes the share that is told apart rightly. */
export function evaluate(
  shape: HeadShape,
  numbers: Numbers,
  rows: { readonly features: tf.Tensor2D; readonly labels: tf.Tensor2D },
): { readonly loss: number; readonly accuracy?: number } {
  return tf.tidy(() => {
    const z = scores(shape, rows.features, numbers);
    const loss = (lossOf(shape.loss, rows.labels)(z).dataSync()[0] ?? 0) / rows.features.shape[0];
    if (shape.loss === 'squared') return { loss };
    const right = z.argMax(-1).equal(rows.labels.argMax(-1)).toFloat().mean().dataSync()[0] ?? 0;
    return { loss, accuracy: right };
  });
}
