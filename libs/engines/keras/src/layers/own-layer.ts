import { type LayerVariable, type Shape, type Tensor } from '@tensorflow/tfjs';

/** What layers of our own, beside TensorFlow.js's, have to say about their inputs. */
export type Shapes = Shape | Shape[];

/** The size of the last dimension of a layer's only input. */
export function lastSize(shapes: Shapes): number {
  const size = shapes.at(-1);
  if (typeof size === 'number') return size;
  throw new Error('the last dimension of the input must be known');
}

/** The only input of a layer. */
export function single(inputs: Tensor | Tensor[]): Tensor {
  const input = Array.isArray(inputs) ? inputs[0] : inputs;
  if (input === undefined) throw new Error('a layer takes an input');
  return input;
}

/** A weight, which is there once the layer was built. */
export function built(variable: LayerVariable | undefined): LayerVariable {
  if (variable === undefined) throw new Error('the layer was not built');
  return variable;
}
