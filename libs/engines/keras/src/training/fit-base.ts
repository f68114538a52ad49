import type * as tf from '@tensorflow/tfjs';
import { EngineError } from '@castellan/engine';
import { activation } from '../activations.js';
import type { Graph } from '../graph.js';
import type { KerasFile, StoredWeight } from '../keras-file.js';
import { isJson, LayerConfig } from '../layer-config.js';
import { HIDDEN_ACTIVATIONS, parameterCount, type HeadShape, type HiddenActivation } from './head-shape.js';

/** What the table gives and asks, and how much of the model is to be trained. */
export interface BaseExpectation {
  readonly inputs: number;
  readonly outputs: number;
  readonly loss: HeadShape['loss'];
  /** So many of the last dense layers are trained; absent: all layers. */
  readonly trainLast?: number;
  readonly mostParameters: number;
}

/** What of a model is trained, and what stays: names of layers that have numbers, first to last. */
export interface BaseFit {
  readonly shape: HeadShape;
  readonly trained: readonly string[];
  readonly frozen: readonly string[];
}

export interface TrainedLayer {
  readonly name: string;
  readonly kernel: StoredWeight;
  readonly bias: StoredWeight;
}

/** At inference they hand on what they are given, in the same order. */
const PASSIVE = new Set(['Dropout', 'Flatten', 'Reshape', 'InputLayer']);

/**
 * Finds the dense layers at the end of a model that can be trained, and checks that it takes and gives what the table does.
 * `cut`: what the first of them is given; `direct`: that is the model's input itself.
 * @throws EngineError `base_incompatible`, naming what differs
 */
export function fitBase(file: KerasFile, { model }: Graph, expected: BaseExpectation) {
  const [input, ...moreInputs] = model.inputs;
  const [output, ...moreOutputs] = model.outputs;
  if (input === undefined || output === undefined || moreInputs.length + moreOutputs.length > 0)
    throw incompatible(
      `it has ${model.inputs.length} inputs and ${model.outputs.length} outputs, and a table gives and asks one of each`,
    );
  requireInputs(input, expected);
  const end = withoutSoftmax(output);
  const { found, cut, direct, blockedBy } = lastDenseLayers(end, input, expected.trainLast);
  const frozen = model.layers.filter((layer) => layer.weights.length > 0 && !found.includes(layer));
  requireEnough(found, expected, frozen.length > 0 ? blockedBy : undefined);
  const configs = configsOf(file);
  const layers = found.map((layer) => trainedLayer(file, layer.name));
  const activations = found.map((layer) => activationOf(configs, layer.name, file.generation));
  const last = end === output ? activations.at(-1) : 'softmax';
  requireOutputs(found.at(-1)?.name ?? '', output, last, expected);
  requireFlat(file);
  const widths = layers.map(({ kernel }) => kernel.shape[1] ?? 0);
  const shape: HeadShape = {
    inputs: layers[0]?.kernel.shape[0] ?? 0,
    hidden: widths.slice(0, -1),
    activation: activations.slice(0, -1).map((name, i) => requireHidden(found[i]?.name ?? '', name)),
    outputs: expected.outputs,
    loss: expected.loss,
  };
  const parameters = parameterCount(shape);
  if (parameters > expected.mostParameters)
    throw incompatible(
      `these layers have ${parameters} numbers to train, and ${expected.mostParameters} is the most: train fewer of the last layers`,
    );
  const fit: BaseFit = { shape, trained: found.map(nameOf), frozen: frozen.map(nameOf) };
  return { fit, layers, cut, direct };
}

const nameOf = ({ name }: Layer) => name;

/** A softmax that is a layer of its own belongs to the loss. */
function withoutSoftmax(output: tf.SymbolicTensor): tf.SymbolicTensor {
  const [before] = output.inputs;
  return output.sourceLayer.getClassName() === 'Softmax' && before !== undefined ? before : output;
}

type Layer = tf.layers.Layer;

/** Goes back from the output, layer by layer, as long as they are dense or passive. */
function lastDenseLayers(output: tf.SymbolicTensor, input: tf.SymbolicTensor, most = Infinity) {
  const found: Layer[] = [];
  let [at, cut] = [output, output];
  while (at !== input) {
    const layer: Layer = at.sourceLayer;
    const [before, ...others] = at.inputs;
    const isDense = layer.getClassName() === 'Dense' && before?.shape.length === 2;
    const isPlain = others.length === 0 && layer.inboundNodes.length === 1;
    const goesOn = isPlain && (PASSIVE.has(layer.getClassName()) || (isDense && found.length < most));
    if (before === undefined || !goesOn)
      return { found, cut, direct: false, blockedBy: isDense && isPlain ? undefined : layer };
    if (isDense) {
      found.unshift(layer);
      cut = before;
    }
    at = before;
  }
  return { found, cut, direct: true, blockedBy: undefined };
}

function requireEnough(
  found: readonly Layer[],
  { trainLast }: BaseExpectation,
  blockedBy: Layer | undefined,
): void {
  const blocked = blockedBy && `"${blockedBy.name}" (${blockedBy.getClassName()}) can't be trained here`;
  if (found.length === 0) throw incompatible(`${blocked ?? 'it has no dense layer'}`);
  if (trainLast === undefined && blocked !== undefined)
    throw incompatible(
      `${blocked}: say how many of the last dense layers are to be trained, ${found.length} at most`,
    );
  if (trainLast !== undefined && found.length < trainLast)
    throw incompatible(`it ends in ${found.length} dense layers that can be trained, not in ${trainLast}`);
}

function requireInputs({ shape, dtype }: tf.SymbolicTensor, { inputs }: BaseExpectation): void {
  const sizes = shape.slice(1);
  const given = sizes.reduce<number>((product, size) => product * (size ?? NaN), 1);
  if (given !== inputs || dtype !== 'float32')
    throw incompatible(
      `it takes ${sizes.map((size) => size ?? 'any').join(' × ')} numbers (${dtype}) a row, and the features give ${inputs}`,
    );
}

function requireOutputs(
  layer: string,
  { shape }: tf.SymbolicTensor,
  last: string | undefined,
  { outputs, loss }: BaseExpectation,
): void {
  const given = shape.slice(1).map(Number);
  if (given.length !== 1 || given[0] !== outputs)
    throw incompatible(
      `it gives ${given.join(' × ')} numbers a row, and the label ${loss === 'softmax' ? `has ${outputs} classes` : 'is one number'}`,
    );
  const wanted = loss === 'softmax' ? ['softmax', 'linear'] : ['linear'];
  if (last === undefined || !wanted.includes(last))
    throw incompatible(
      `its last layer "${layer}" ends in ${last ?? 'nothing'}, and the label needs ${wanted[0]}`,
    );
}

function requireHidden(layer: string, name: string): HiddenActivation {
  const known = HIDDEN_ACTIVATIONS.find((hidden) => hidden === name);
  if (known === undefined)
    throw incompatible(`layer "${layer}" has the activation ${name}, which can't be trained here`);
  return known;
}

function configsOf({ config }: KerasFile): ReadonlyMap<string, LayerConfig> {
  const inner = isJson(config) ? config['config'] : undefined;
  const entries: unknown = isJson(inner) ? inner['layers'] : inner;
  const configs = Array.isArray(entries) ? entries.map((entry) => new LayerConfig(entry)) : [];
  return new Map(configs.map((layer) => [layer.name, layer]));
}

function activationOf(configs: ReadonlyMap<string, LayerConfig>, name: string, generation: 2 | 3): string {
  const config = configs.get(name);
  return config === undefined ? 'unknown' : activation(config, 'activation', generation);
}

function trainedLayer({ weights }: KerasFile, name: string): TrainedLayer {
  const stored = weights.get(name);
  const [kernel, bias] = Array.isArray(stored) ? (stored as readonly StoredWeight[]) : [];
  if (kernel === undefined || bias === undefined) throw incompatible(`layer "${name}" has no bias`);
  return { name, kernel, bias };
}

/** A model within the model has weights in an order that only its own file knows. */
function requireFlat({ weights }: KerasFile): void {
  for (const [name, stored] of weights)
    if (!Array.isArray(stored))
      throw incompatible(`"${name}" is a model within the model; save it as HDF5 and publish that`);
}

function incompatible(detail: string): EngineError {
  return new EngineError('base_incompatible', `The base can't be trained on from here: ${detail}.`);
}
