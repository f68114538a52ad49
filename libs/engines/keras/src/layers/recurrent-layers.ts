import * as tf from '@tensorflow/tfjs';
import { activation } from '../activations.js';
import { LayerConfig } from '../layer-config.js';
import { ZEROS, type LayerContext, type LayerFactory } from './layer-factory.js';
import { GruResetAfter } from './gru-reset-after.js';

/** What the recurrent layers have in common. State is not kept from one request to the next. */
function recurrent(config: LayerConfig, { generation }: LayerContext) {
  config.expect('stateful', false);
  config.expect('return_state', false);
  config.expect('time_major', false);
  return {
    name: config.name,
    units: config.number('units'),
    useBias: config.flag('use_bias', true),
    activation: activation(config, 'activation', generation),
    returnSequences: config.flag('return_sequences'),
    goBackwards: config.flag('go_backwards'),
    kernelInitializer: ZEROS,
    recurrentInitializer: ZEROS,
    biasInitializer: ZEROS,
  } as const;
}

const bidirectional: LayerFactory = (config, context) => {
  const forward = config.inner('layer');
  if (config.has('backward_layer')) requireMirror(config, forward, config.inner('backward_layer'));
  return tf.layers.bidirectional({
    name: config.name,
    // TensorFlow.js makes the backward layer out of this one's settings.
    layer: context.build(forward) as tf.RNN,
    mergeMode: config.oneOf('merge_mode', ['concat', 'sum', 'mul', 'ave']),
  });
};

/** Refuses a backward layer that is not the forward one turned round. */
function requireMirror(config: LayerConfig, forward: LayerConfig, backward: LayerConfig): void {
  const settings = ({ className, json }: LayerConfig): string => {
    const { name: _, go_backwards: __, ...rest } = json;
    // Keras's zip numbers the objects of a configuration.
    return JSON.stringify([className, rest], (key, value: unknown) =>
      key === 'shared_object_id' ? undefined : value,
    );
  };
  if (
    settings(forward) !== settings(backward) ||
    forward.flag('go_backwards') === backward.flag('go_backwards')
  ) {
    throw config.unsupported('its backward layer differs from its forward layer');
  }
}

const gruResetBefore: LayerFactory = (config, context) =>
  tf.layers.gru({
    ...recurrent(config, context),
    recurrentActivation: activation(config, 'recurrent_activation', context.generation),
  });

const gruResetAfter: LayerFactory = (config, context) => {
  const { name, units, useBias, returnSequences, goBackwards } = recurrent(config, context);
  config.expect('activation', 'tanh');
  config.expect('recurrent_activation', 'sigmoid');
  return new GruResetAfter({ name, units, useBias, returnSequences, goBackwards });
};

tf.serialization.registerClass(GruResetAfter);

export const recurrentLayers: Readonly<Record<string, LayerFactory>> = {
  LSTM: (config, context) =>
    tf.layers.lstm({
      ...recurrent(config, context),
      recurrentActivation: activation(config, 'recurrent_activation', context.generation),
      // Only the initial bias depends on it, and the bias comes from the file.
      unitForgetBias: false,
    }),
  GRU: (config, context) =>
    (config.flag('reset_after', true) ? gruResetAfter : gruResetBefore)(config, context),
  SimpleRNN: (config, context) => tf.layers.simpleRNN(recurrent(config, context)),
  Bidirectional: bidirectional,
  TimeDistributed: (config, context) =>
    tf.layers.timeDistributed({ name: config.name, layer: context.build(config.inner('layer')) }),
};
