import { EngineError } from '@castellan/engine';
import { isJson, type Json, type LayerConfig } from './layer-config.js';

/** Names one tensor of a functional model: an output of one call of one layer. */
export interface TensorReference {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

/**
 * The tensors on which one call of a layer is made. Keras 2 writes `[[name, call, output, settings], …]`, Keras 3
 * `{args: [tensor or [tensor, …]], kwargs}`.
 * @throws EngineError `model_feature_unsupported` when the call is given anything but tensors
 */
export function inboundTensors(layer: LayerConfig, node: unknown): TensorReference[] {
  if (isJson(node)) return fromKeras3(layer, node);
  if (!Array.isArray(node)) throw layer.malformed('inbound_nodes', 'a list of calls');
  // A call on a single tensor may stand without its outer list.
  const entries: readonly unknown[] = typeof node[0] === 'string' ? [node] : node;
  return entries.map((entry) => {
    const settings: unknown = Array.isArray(entry) ? entry[3] : undefined;
    if (isJson(settings)) requireNoSettings(layer, settings);
    return reference(entry);
  });
}

/** `input_layers` and `output_layers`: one reference, a list of them, or a dictionary of them by name. */
export function tensorReferences(value: unknown): TensorReference[] {
  if (isJson(value)) return Object.values(value).map(reference);
  if (Array.isArray(value)) return typeof value[0] === 'string' ? [reference(value)] : value.map(reference);
  throw malformed();
}

function fromKeras3(layer: LayerConfig, node: Json): TensorReference[] {
  if (isJson(node['kwargs'])) requireNoSettings(layer, node['kwargs']);
  const args = Array.isArray(node['args']) ? node['args'] : [];
  return args.flat(1).map((argument) => {
    if (isJson(argument) && argument['class_name'] === '__keras_tensor__' && isJson(argument['config'])) {
      return reference(argument['config']['keras_history']);
    }
    throw layer.unsupported('it is called with something that is not a tensor');
  });
}

/** Arguments such as a mask, an initial state or `training=True` would change what is computed. */
function requireNoSettings(layer: LayerConfig, settings: Json): void {
  const given = Object.entries(settings).find(([, value]) => value !== null && value !== false);
  if (given !== undefined) throw layer.unsupported(`it is called with ${given[0]}`);
}

function reference(value: unknown): TensorReference {
  if (Array.isArray(value)) {
    const [layer, call, output]: readonly unknown[] = value;
    if (typeof layer === 'string' && typeof call === 'number' && typeof output === 'number') {
      return { layer, call, output };
    }
  }
  throw malformed();
}

function malformed(): EngineError {
  return new EngineError('model_unreadable', 'The model configuration refers to a tensor in an unknown way.');
}
