import * as tf from '@tensorflow/tfjs';
import { built, lastSize, type Shapes } from './own-layer.js';

interface GruCellSettings {
  readonly name: string;
  readonly units: number;
  readonly useBias: boolean;
}

export interface GruSettings extends GruCellSettings {
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
}

/** Keras's GRU in its default variant. Made again from its own settings by the wrapper that runs it both ways. */
export class GruResetAfter extends tf.RNN {
  static override readonly className: string = 'KerasGruResetAfter';

  constructor({ name, units, useBias, ...settings }: GruSettings) {
    super({ name, cell: new GruResetAfterCell({ name: `${name}_cell`, units, useBias }), ...settings });
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    Layer: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    return new Layer(config);
  }
}

/**
 * The cell of Keras's GRU in its default variant, `reset_after`, with its default activations: the reset gate is applied
 * after the recurrent product, and input and recurrence have a bias each. The gates stand in the order update, reset,
 * candidate. TensorFlow.js has only the other variant. Source: Keras `layers/rnn/gru.py`.
 */
class GruResetAfterCell extends tf.layers.Layer {
  static readonly className = 'KerasGruResetAfterCell';
  readonly stateSize: number;
  // A recurrent layer resets these of its cell; nothing is dropped at inference.
  dropoutMask: tf.Tensor | tf.Tensor[] = [];
  recurrentDropoutMask: tf.Tensor | tf.Tensor[] = [];
  readonly #settings: GruCellSettings;
  #kernel: tf.LayerVariable | undefined;
  #recurrentKernel: tf.LayerVariable | undefined;
  #bias: tf.LayerVariable | undefined;

  constructor(settings: GruCellSettings) {
    super({ name: settings.name });
    this.#settings = settings;
    this.stateSize = settings.units;
  }

  override build(inputShape: Shapes): void {
    const { units, useBias } = this.#settings;
    const zeros = tf.initializers.zeros();
    this.#kernel = this.addWeight('kernel', [lastSize(inputShape), 3 * units], 'float32', zeros);
    this.#recurrentKernel = this.addWeight('recurrent_kernel', [units, 3 * units], 'float32', zeros);
    if (useBias) this.#bias = this.addWeight('bias', [2, 3 * units], 'float32', zeros);
    this.built = true;
  }

  /** Takes the input and the state, gives the output and the next state, which are the same. */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const [input, state] = Array.isArray(inputs) ? inputs : [];
    if (input === undefined || state === undefined) throw new Error('a cell takes an input and a state');
    return tf.tidy(() => {
      const [fromInput, fromState] = [
        this.#product(input, this.#kernel, 0),
        this.#product(state, this.#recurrentKernel, 1),
      ];
      const update = tf.sigmoid(tf.add(fromInput.update, fromState.update));
      const reset = tf.sigmoid(tf.add(fromInput.reset, fromState.reset));
      const candidate = tf.tanh(tf.add(fromInput.candidate, tf.mul(reset, fromState.candidate)));
      const next = tf.add(tf.mul(update, state), tf.mul(tf.sub(1, update), candidate));
      return [next, next];
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...this.#settings };
  }

  #product(of: tf.Tensor, kernel: tf.LayerVariable | undefined, biasRow: number) {
    const { units } = this.#settings;
    const product = tf.matMul(of, built(kernel).read());
    const bias = this.#bias?.read();
    const gates =
      bias === undefined ? product : tf.add(product, tf.slice(bias, [biasRow, 0], [1, 3 * units]));
    const gate = (place: number): tf.Tensor => tf.slice(gates, [0, place * units], [-1, units]);
    return { update: gate(0), reset: gate(1), candidate: gate(2) };
  }
}
