/** Activations of hidden layers; each has a gradient on every backend. */
export const HIDDEN_ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'linear'] as const;
export type HiddenActivation = (typeof HIDDEN_ACTIVATIONS)[number];

/** `softmax` tells classes apart (labels one-hot), `squared` predicts one number. */
export type TrainingLossKind = 'softmax' | 'squared';

/** The shape of what is trained: dense layers, one after another. */
export interface HeadShape {
  readonly inputs: number;
  readonly hidden: readonly number[];
  /** Of all hidden layers, or of each. */
  readonly activation: HiddenActivation | readonly HiddenActivation[];
  readonly outputs: number;
  readonly loss: TrainingLossKind;
}

/** The activation after a layer; `linear` after the last, whose own belongs to the loss. */
export function activationAfter({ hidden, activation }: HeadShape, layer: number): HiddenActivation {
  if (layer >= hidden.length) return 'linear';
  return typeof activation === 'string' ? activation : (activation[layer] ?? 'linear');
}

/** The sizes of the dense layers, first to last. */
export function layerSizes({ inputs, hidden, outputs }: HeadShape): readonly (readonly [number, number])[] {
  const widths = [inputs, ...hidden, outputs];
  return widths.slice(1).map((width, i) => [widths[i] ?? 0, width] as const);
}

export function parameterCount(shape: HeadShape): number {
  return layerSizes(shape).reduce((sum, [rows, columns]) => sum + rows * columns + columns, 0);
}
