import type { HeadShape } from '@castellan/keras';
import { decimalText } from '../declaration/fixed-point.js';
import type { CategoryColumn, NumberColumn, ProtectedTable } from '../declaration/protected-table.js';
import { refused } from '../question/syntax.js';

type Usable = CategoryColumn | NumberColumn;

/** Where numbers of a column are trained on: its declared bounds become −1 and 1. */
interface Range {
  readonly middle: number;
  readonly half: number;
}

/** What a model is given and asked, by the declaration alone. */
export interface FeatureTable {
  readonly features: readonly Usable[];
  readonly label: Usable;
  readonly inputs: number;
  readonly outputs: number;
  readonly loss: HeadShape['loss'];
}

/** A row as it is trained on. */
export interface TrainingRow {
  readonly features: Float32Array;
  readonly label: Float32Array;
}

/** Fails with `question_refused`, naming the column. */
export function featureTable(
  table: ProtectedTable,
  labelName: string,
  featureNames: readonly string[] | undefined,
): FeatureTable {
  const usable = (name: string): Usable => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw refused(name, 'the declaration has no such column.');
    if (column.kind === 'identifier' || column.kind === 'text')
      throw refused(name, 'a model learns from categories and numbers only.');
    return column;
  };
  const label = usable(labelName);
  if (label.kind === 'category' && label.values.length < 2)
    throw refused(labelName, 'a label needs two classes to tell apart.');
  const names =
    featureNames ??
    table.columns.flatMap(({ kind, name }) => (kind === 'category' || kind === 'number' ? [name] : []));
  const features = names.filter((name) => name !== labelName).map(usable);
  if (features.length === 0) throw refused('features', 'there is nothing to learn from.');
  const widths = features.map((column) => (column.kind === 'category' ? column.values.length : 1));
  return {
    features,
    label,
    inputs: widths.reduce((sum, width) => sum + width, 0),
    outputs: label.kind === 'category' ? label.values.length : 1,
    loss: label.kind === 'category' ? 'softmax' : 'squared',
  };
}

function rangeOf({ lower, upper, decimals }: NumberColumn): Range {
  const [low, high] = [Number(decimalText(lower, decimals)), Number(decimalText(upper, decimals))];
  return { middle: (low + high) / 2, half: (high - low) / 2 };
}

/** Reads a column's text into numbers: one-hot, or clamped to the bounds and brought to [−1, 1]. Undefined: missing. */
function readerOf(column: Usable): (text: string) => Float32Array | undefined {
  if (column.kind === 'category') {
    const positions = new Map(column.values.map((value, position) => [value, position]));
    return (text) => {
      const position = positions.get(text);
      if (position === undefined) return undefined;
      const hot = new Float32Array(column.values.length);
      hot[position] = 1;
      return hot;
    };
  }
  const { middle, half } = rangeOf(column);
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(value)) return undefined;
    return Float32Array.of(Math.max(-1, Math.min(1, (value - middle) / half)));
  };
}

/** Reads rows whose columns have these names. A missing feature is all zeros; a row without a label is no row. */
export function rowReader(
  { features, label, inputs }: FeatureTable,
  names: readonly string[],
): (record: readonly string[]) => TrainingRow | undefined {
  const at = ({ name }: Usable) => names.indexOf(name);
  const columns = features.map((column) => ({
    at: at(column),
    width: column.kind === 'category' ? column.values.length : 1,
    read: readerOf(column),
  }));
  const [labelAt, readLabel] = [at(label), readerOf(label)];
  return (record) => {
    const answer = readLabel(record[labelAt] ?? '');
    if (answer === undefined) return undefined;
    const row = new Float32Array(inputs);
    let offset = 0;
    for (const { at: place, width, read } of columns) {
      const value = read(record[place] ?? '');
      if (value) row.set(value, offset);
      offset += width;
    }
    return { features: row, label: answer };
  };
}

/** How rows were made of the table's numbers, to be worked into the model. */
export function scalingOf({ features, label }: FeatureTable) {
  const inputs = features.flatMap((column) => {
    if (column.kind === 'category') return column.values.map(() => ({ offset: 0, factor: 1 }));
    const { middle, half } = rangeOf(column);
    return [{ offset: middle, factor: 1 / half }];
  });
  if (label.kind === 'category') return { inputs };
  const { middle, half } = rangeOf(label);
  return { inputs, output: { offset: middle, factor: half } };
}

/** The model's inputs and outputs in words, for its card. */
export function describeFeatures({ features, label }: FeatureTable) {
  const inputs = features.flatMap(({ name, ...column }) =>
    column.kind === 'category' ? column.values.map((value) => `${name} = ${value}`) : [name],
  );
  return { inputs, outputs: label.kind === 'category' ? [...label.values] : [label.name] };
}
