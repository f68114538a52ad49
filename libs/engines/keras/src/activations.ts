import * as tf from '@tensorflow/tfjs';
import { isJson, type LayerConfig } from './layer-config.js';

/** Names by which TensorFlow.js knows an activation, ours included. */
export type Activation = NonNullable<Parameters<typeof tf.layers.activation>[0]['activation']>;

/** Keras's names for what TensorFlow.js computes exactly as both generations of Keras do. */
const SHARED: ReadonlyMap<string, string> = new Map([
  ['elu', 'elu'],
  ['gelu', 'gelu'],
  ['linear', 'linear'],
  ['log_softmax', 'logSoftmax'],
  ['mish', 'mish'],
  ['relu', 'relu'],
  ['relu6', 'relu6'],
  ['selu', 'selu'],
  ['sigmoid', 'sigmoid'],
  ['silu', 'swish'],
  ['softmax', 'softmax'],
  ['softplus', 'softplus'],
  ['softsign', 'softsign'],
  ['swish', 'swish'],
  ['tanh', 'tanh'],
]);

/** Keras 2's hard sigmoid is TensorFlow.js's; Keras 3 defined another. */
const BY_GENERATION: Readonly<Record<2 | 3, ReadonlyMap<string, string>>> = {
  2: new Map([
    ['hard_sigmoid', 'hardSigmoid'],
    ['exponential', 'kerasExponential'],
  ]),
  3: new Map([
    ['hard_sigmoid', 'kerasHardSigmoid'],
    ['hard_silu', 'kerasHardSilu'],
    ['hard_swish', 'kerasHardSilu'],
    ['exponential', 'kerasExponential'],
    ['leaky_relu', 'kerasLeakyRelu'],
  ]),
};

/**
 * The activation under a key; `linear` where Keras has none.
 * @throws EngineError `model_feature_unsupported` for one that would not come out as in Keras
 */
export function activation(config: LayerConfig, key: string, generation: 2 | 3): Activation {
  const value = config.json[key];
  if (value === undefined || value === null) return 'linear';
  const name = isJson(value) && value['class_name'] === 'function' ? value['config'] : value;
  const known =
    typeof name === 'string' ? (SHARED.get(name) ?? BY_GENERATION[generation].get(name)) : undefined;
  if (known === undefined) throw config.unsupported(`${key} is ${JSON.stringify(value)}`);
  // The type lists TensorFlow.js's own names only; the registry that it reads has ours as well.
  return known as Activation;
}

type Elementwise = (x: tf.Tensor) => tf.Tensor;

function register(className: string, compute: Elementwise): void {
  class RegisteredActivation extends tf.serialization.Serializable {
    static readonly className = className;
    apply(x: tf.Tensor): tf.Tensor {
      return tf.tidy(() => compute(x));
    }
    getConfig(): tf.serialization.ConfigDict {
      return {};
    }
  }
  tf.serialization.registerClass(RegisteredActivation);
}

const hardSigmoid: Elementwise = (x) => tf.clipByValue(tf.add(x, 3), 0, 6).div(6);

register('kerasHardSigmoid', hardSigmoid);
register('kerasHardSilu', (x) => tf.mul(x, hardSigmoid(x)));
register('kerasExponential', (x) => tf.exp(x));
register('kerasLeakyRelu', (x) => tf.leakyRelu(x, 0.2));
