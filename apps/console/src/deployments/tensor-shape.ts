import type { TensorMetadata } from '@castellan/contracts';

/** `[?, 64]`: a dimension that the caller chooses is −1 in the signature. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`;
}

/** The smallest input of this shape: one row where the caller chooses, zeros throughout. */
export function zeros(shape: readonly number[]): unknown {
  const [first, ...rest] = shape;
  if (first === undefined) return 0;
  return Array.from({ length: first < 0 ? 1 : first }, () => zeros(rest));
}

/** A tensor that can be drawn: one 8×8 picture a row, flat or square, with or without a channel. */
export function isDrawable({ shape }: TensorMetadata): boolean {
  const row = shape.slice(1);
  const square = row[0] === 8 && row[1] === 8 && (row.length === 2 || (row.length === 3 && row[2] === 1));
  return (row.length === 1 && row[0] === 64) || square;
}

/** 64 values, row by row, as one row of this shape. */
export function drawnInput({ shape }: TensorMetadata, pixels: readonly number[]): unknown {
  if (shape.length === 2) return [[...pixels]];
  const rows = Array.from({ length: 8 }, (_, row) => pixels.slice(row * 8, row * 8 + 8));
  return [shape.length === 4 ? rows.map((row) => row.map((value) => [value])) : rows];
}
