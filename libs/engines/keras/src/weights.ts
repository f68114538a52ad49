import * as tf from '@tensorflow/tfjs';
import { EngineError } from '@castellan/engine';
import { type BuiltLayer } from './graph.js';
import { type StoredLayer, type StoredLayers, type StoredWeight } from './keras-file.js';

type Variable = tf.layers.Layer['weights'][number];

/**
 * Writes the stored weights into a built model. Keras lists a layer's weights as those it trains, then those it does
 * not (a frozen layer trains none), and looks them up by their place in that list; the names are checked as well.
 * @throws EngineError `model_unreadable` when a weight is missing, left over, of another shape or of another name
 */
export function writeWeights(layers: readonly BuiltLayer[], stored: StoredLayers): void {
  for (const layer of layers) writeLayer(layer, stored.get(layer.name) ?? []);
}

function writeLayer(layer: BuiltLayer, given: StoredLayer): void {
  if (given instanceof Map) {
    if (layer.nested === undefined) throw mismatch(layer.name, 'a nested model is stored');
    writeWeights(layer.nested, given);
    return;
  }
  writeInOrder(layer, given as readonly StoredWeight[]);
}

function writeInOrder(layer: BuiltLayer, given: readonly StoredWeight[]): void {
  const { trained, fixed } = variables(layer);
  const wanted = [...trained, ...fixed];
  if (wanted.length !== given.length) {
    throw mismatch(layer.name, `${given.length} weights are stored, ${wanted.length} are wanted`);
  }
  wanted.forEach((variable, index) => write(layer.name, variable, given[index]));
}

interface Variables {
  readonly trained: readonly Variable[];
  readonly fixed: readonly Variable[];
}

function variables({ layer, nested, trainable }: BuiltLayer): Variables {
  const parts = nested === undefined ? [ownVariables(layer)] : nested.map(variables);
  const trained = parts.flatMap((part) => part.trained);
  const fixed = parts.flatMap((part) => part.fixed);
  return trainable ? { trained, fixed } : { trained: [], fixed: [...trained, ...fixed] };
}

function ownVariables(layer: tf.layers.Layer): Variables {
  return { trained: layer.trainableWeights, fixed: layer.nonTrainableWeights };
}

function write(layer: string, variable: Variable, given: StoredWeight | undefined): void {
  const shape = variable.shape.map(Number);
  if (
    given === undefined ||
    !sameKind(variable.originalName, given.name) ||
    String(shape) !== String(given.shape)
  ) {
    const stored = given === undefined ? 'nothing' : `"${given.name}" of shape [${given.shape.join(', ')}]`;
    const wanted = `"${variable.originalName}" of shape [${shape.join(', ')}]`;
    throw mismatch(layer, `${wanted} is wanted, ${stored} is stored`);
  }
  const value = tf.tensor(given.data, shape, 'float32');
  variable.write(value);
  value.dispose();
}

/**
 * Whether two names end alike. Keras 3 says `kernel` where TensorFlow.js says `depthwise_kernel`; in its zip it says no
 * name, only a place.
 */
function sameKind(wanted: string, given: string): boolean {
  const [left, right] = [lastPart(wanted), lastPart(given)];
  return /^\d+$/.test(right) || left.endsWith(right) || right.endsWith(left);
}

function lastPart(name: string): string {
  return (name.split('/').at(-1) ?? name).replace(/(:\d+|_\d+)+$/, '');
}

function mismatch(layer: string, detail: string): EngineError {
  return new EngineError('model_unreadable', `Layer "${layer}": ${detail}.`);
}
