import * as tf from '@tensorflow/tfjs';
import { type Shapes } from './own-layer.js';

/** Keras's Subtract, which TensorFlow.js lacks: the first input less the second, either broadcast to the other. */
export class SubtractLayer extends tf.layers.Layer {
  static readonly className = 'KerasSubtract';

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [left, right] = Array.isArray(inputs) ? inputs : [];
    if (left === undefined || right === undefined) throw new Error('a subtraction takes two inputs');
    return tf.sub(left, right);
  }

  override computeOutputShape(inputShapes: Shapes): tf.Shape {
    const [left = [], right = []] = inputShapes.filter((shape) => Array.isArray(shape));
    return left.map((size, index) => (size === 1 ? (right[index] ?? size) : size));
  }
}
