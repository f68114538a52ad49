/** Activations of hidden layers; each has a gradient on every backend. */
export const HIDDEN_ACTIVATIONS = ['relu', 'tanh', 'sigmoid'] as const;
export type HiddenActivation = (typeof HIDDEN_ACTIVATIONS)[number];

/** `softmax` tells classes apart (labels one-hot), `squared` predicts one number. */
export type TrainingLossKind = 'softmax' | 'squared';

/** The shape of what is trained: dense layers, one after another. */
export interface HeadShape {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly activation: HiddenActivation;
  readonly outputs: number;
  readonly loss: TrainingLossKind;
}

/** The sizes of the dense layers, first to last. */
export function layerSizes({ inputs, hidden, outputs }: HeadShape): readonly (readonly [number, number])[] {
  const widths = [inputs, ...hidden, outputs];
  return widths.slice(1).map((width, i) => [widths[i] ?? 0, width] as const);
}

export function parameterCount(shape: HeadShape): number {
  return layerSizes(shape).reduce((sum, [rows, columns]) => sum + rows * columns + columns, 0);
}
