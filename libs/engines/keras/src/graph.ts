import * as tf from '@tensorflow/tfjs';
import { EngineError } from '@castellan/engine';
import { buildLayer } from './layers/build-layer.js';
import { type Layer } from './layers/layer-factory.js';
import { isJson, LayerConfig, type Json } from './layer-config.js';
import { inboundTensors, tensorReferences, type TensorReference } from './inbound.js';

/** A layer of a model, in the order of the configuration, which is the order in which Keras lists weights. */
export interface BuiltLayer {
  readonly name: string;
  readonly trainable: boolean;
  readonly layer: Layer;
  /** Present when the layer is itself a model: its own layers. */
  readonly nested?: readonly BuiltLayer[];
}

export interface GraphInput {
  readonly name: string;
  /** Keras's name of the type that the caller gives. */
  readonly dtype: string;
  readonly symbol: tf.SymbolicTensor;
}

export interface Graph {
  readonly model: tf.LayersModel;
  readonly inputs: readonly GraphInput[];
  /** Names of the layers whose outputs are the model's, in order; a layer that stands there twice gets a suffix. */
  readonly outputNames: readonly string[];
  readonly layers: readonly BuiltLayer[];
}

const MODELS = new Set(['Sequential', 'Functional', 'Model']);
const DEEPEST_NESTING = 16;

/**
 * Builds the model of a Keras configuration, its weights still zero.
 * @throws EngineError `model_feature_unsupported`, `model_unreadable`
 */
export function buildGraph(config: unknown, generation: 2 | 3): Graph {
  if (!isJson(config) || !MODELS.has(String(config['class_name']))) {
    const given = isJson(config) ? String(config['class_name']) : 'nothing';
    throw new EngineError(
      'model_feature_unsupported',
      `A model of class ${given} is not Sequential or Functional.`,
    );
  }
  return new GraphBuilder(generation, 0).build(config);
}

type Symbols = tf.SymbolicTensor[];

class GraphBuilder {
  readonly #generation: 2 | 3;
  readonly #depth: number;
  readonly #inputs: GraphInput[] = [];
  readonly #layers: BuiltLayer[] = [];
  /** What can be called, by name; an InputLayer only has been. */
  readonly #callable = new Map<string, Layer>();
  /** The outputs of a layer's calls, in order. */
  readonly #calls = new Map<string, Symbols[]>();

  constructor(generation: 2 | 3, depth: number) {
    if (depth > DEEPEST_NESTING) throw malformed('models are nested too deep');
    this.#generation = generation;
    this.#depth = depth;
  }

  build(entry: Json): Graph {
    const config = isJson(entry['config']) ? entry['config'] : { layers: entry['config'] };
    const entries = config['layers'];
    if (!Array.isArray(entries) || entries.length === 0) throw malformed('it has no layers');
    return entry['class_name'] === 'Sequential'
      ? this.#sequential(config, entries)
      : this.#functional(config, entries);
  }

  #sequential(config: Json, entries: readonly unknown[]): Graph {
    let last: Symbols | undefined;
    for (const [index, entry] of entries.entries()) {
      const layer = new LayerConfig(entry);
      if (layer.className === 'InputLayer') last = this.#input(layer, layer.json);
      else {
        last ??= this.#input(layer, { ...layer.json, ...shapeOfInput(config, layer) }, `${layer.name}_input`);
        this.#declare(layer, isJson(entry) ? entry : {});
        last = this.#call(layer.name, last);
      }
      if (index === entries.length - 1) return this.#finish(config, last, [layer.name]);
    }
    throw malformed('it has no layers');
  }

  #functional(config: Json, entries: readonly unknown[]): Graph {
    const pending: Pending[] = [];
    for (const entry of entries) {
      const layer = new LayerConfig(entry);
      if (layer.className === 'InputLayer') {
        this.#input(layer, layer.json);
        continue;
      }
      this.#declare(layer, isJson(entry) ? entry : {});
      layer.inboundNodes.forEach((node) =>
        pending.push({ layer: layer.name, from: inboundTensors(layer, node) }),
      );
    }
    this.#callInOrder(pending);
    const outputs = tensorReferences(config['output_layers']);
    const inputs = tensorReferences(config['input_layers']);
    this.#inputs.sort((left, right) => position(inputs, left.name) - position(inputs, right.name));
    return this.#finish(
      config,
      outputs.map((reference) => this.#resolve(reference)),
      outputs.map(({ layer }) => layer),
    );
  }

  /** Makes each call as soon as its inputs exist. A configuration whose calls wait for each other is refused. */
  #callInOrder(pending: readonly Pending[]): void {
    let waiting = pending;
    while (waiting.length > 0) {
      const blocked = new Set<string>();
      const left = waiting.filter((call) => {
        const ready = !blocked.has(call.layer) && call.from.every((reference) => this.#exists(reference));
        if (ready)
          this.#call(
            call.layer,
            call.from.map((reference) => this.#resolve(reference)),
          );
        else blocked.add(call.layer);
        return !ready;
      });
      if (left.length === waiting.length)
        throw malformed('its layers wait for each other, or for one that is missing');
      waiting = left;
    }
  }

  #input(layer: LayerConfig, settings: Json, name = layer.name): Symbols {
    const shape = settings['batch_shape'] ?? settings['batch_input_shape'];
    if (!Array.isArray(shape) || !shape.every((size) => size === null || typeof size === 'number')) {
      throw layer.malformed('batch_shape', 'a shape');
    }
    const dtype = layer.dtype;
    const symbol = tf.input({
      batchShape: shape,
      dtype: dtype.startsWith('float') ? 'float32' : 'int32',
      name,
    });
    this.#claim(name);
    this.#inputs.push({ name, dtype, symbol });
    this.#calls.set(name, [[symbol]]);
    return [symbol];
  }

  #declare(layer: LayerConfig, entry: Json): void {
    this.#claim(layer.name);
    if (!MODELS.has(layer.className)) {
      const built = buildLayer(layer, this.#generation);
      this.#callable.set(layer.name, built);
      this.#layers.push({ name: layer.name, trainable: layer.trainable, layer: built });
      return;
    }
    const nested = new GraphBuilder(this.#generation, this.#depth + 1).build(entry);
    this.#callable.set(layer.name, nested.model);
    // Keras 2 counts the construction of a nested model as its first call.
    if (this.#generation === 2) this.#calls.set(layer.name, [[]]);
    const { model, layers } = nested;
    this.#layers.push({ name: layer.name, trainable: layer.trainable, layer: model, nested: layers });
  }

  #claim(name: string): void {
    if (this.#callable.has(name) || this.#calls.has(name)) throw malformed(`two layers are named "${name}"`);
    // TensorFlow.js keeps layers in plain objects by name.
    if (name in Object.prototype) throw malformed(`a layer is named "${name}"`);
  }

  #call(name: string, inputs: Symbols): Symbols {
    const [only, ...others] = inputs;
    const layer = this.#callable.get(name);
    if (layer === undefined || only === undefined) throw malformed(`layer "${name}" is called on nothing`);
    let result: tf.SymbolicTensor | tf.SymbolicTensor[];
    try {
      result = layer.apply(others.length === 0 ? only : inputs) as tf.SymbolicTensor | tf.SymbolicTensor[];
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new EngineError(
        'model_unreadable',
        `Layer "${name}" does not fit what comes before it: ${detail}`,
        cause,
      );
    }
    const outputs = Array.isArray(result) ? result : [result];
    this.#calls.set(name, [...(this.#calls.get(name) ?? []), outputs]);
    return outputs;
  }

  #exists({ layer, call, output }: TensorReference): boolean {
    return this.#calls.get(layer)?.[call]?.[output] !== undefined;
  }

  #resolve({ layer, call, output }: TensorReference): tf.SymbolicTensor {
    const symbol = this.#calls.get(layer)?.[call]?.[output];
    if (symbol === undefined)
      throw malformed(`there is no output ${output} of call ${call} of layer "${layer}"`);
    return symbol;
  }

  #finish(config: Json, outputs: Symbols, names: readonly string[]): Graph {
    const name = typeof config['name'] === 'string' ? config['name'] : 'model';
    if (this.#inputs.length === 0 || outputs.length === 0) throw malformed('it has no inputs or no outputs');
    const model = tf.model({ inputs: this.#inputs.map(({ symbol }) => symbol), outputs, name });
    return { model, inputs: this.#inputs, outputNames: unique(names), layers: this.#layers };
  }
}

interface Pending {
  readonly layer: string;
  readonly from: readonly TensorReference[];
}

/** A Sequential saved without an InputLayer: Keras 2 writes the shape at its first layer, Keras 3 at the model. */
function shapeOfInput(config: Json, first: LayerConfig): Json {
  if (Array.isArray(first.json['batch_input_shape'])) return {};
  return { batch_input_shape: config['build_input_shape'] };
}

function position(references: readonly TensorReference[], name: string): number {
  const index = references.findIndex(({ layer }) => layer === name);
  return index < 0 ? references.length : index;
}

function unique(names: readonly string[]): string[] {
  return names.map((name, index) => {
    const earlier = names.slice(0, index).filter((other) => other === name).length;
    return earlier === 0 ? name : `${name}_${earlier}`;
  });
}

function malformed(detail: string): EngineError {
  return new EngineError('model_unreadable', `The model configuration can't be built: ${detail}.`);
}
