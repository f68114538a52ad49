import * as tf from '@tensorflow/tfjs';
import { built, lastSize, single, type Shapes } from './own-layer.js';

/** Below this a standard deviation counts as this: Keras's `backend.epsilon()`. */
const SMALLEST_DEVIATION = 1e-7;

/** Keras's Normalization, which TensorFlow.js lacks, over the last dimension, with the mean and variance of `adapt`. */
export class NormalizationLayer extends tf.layers.Layer {
  static readonly className = 'KerasNormalization';
  #mean: tf.LayerVariable | undefined;
  #variance: tf.LayerVariable | undefined;

  override build(inputShape: Shapes): void {
    const zeros = tf.initializers.zeros();
    const shape = [lastSize(inputShape)];
    this.#mean = this.addWeight('mean', shape, 'float32', zeros, undefined, false);
    this.#variance = this.addWeight('variance', shape, 'float32', zeros, undefined, false);
    // How many examples `adapt` saw. Stored among the weights, of no use here.
    this.addWeight('count', [], 'float32', zeros, undefined, false);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [mean, variance] = [built(this.#mean), built(this.#variance)];
    return tf.tidy(() => {
      const deviation = tf.maximum(tf.sqrt(variance.read()), SMALLEST_DEVIATION);
      return tf.div(tf.sub(single(inputs), mean.read()), deviation);
    });
  }

  override computeOutputShape(inputShape: Shapes): Shapes {
    return inputShape;
  }
}
