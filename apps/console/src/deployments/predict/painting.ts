export const SIDE = 8;

/** Full ink, as the digits data set scales it. */
export const INK = 16;

export const BLANK: readonly number[] = Array.from({ length: SIDE * SIDE }, () => 0);

/** How much a stroke leaves on the cells beside it. */
const SOFT_EDGE = 4;

/** The picture after the pen has touched a cell: full ink there, a soft edge beside it. */
export function painted(pixels: readonly number[], cell: number): number[] {
  const row = Math.floor(cell / SIDE);
  const column = cell % SIDE;
  return pixels.map((value, at) => {
    const distance = Math.abs(Math.floor(at / SIDE) - row) + Math.abs((at % SIDE) - column);
    if (distance === 0) return INK;
    return distance === 1 ? Math.max(value, Math.min(INK, value + SOFT_EDGE)) : value;
  });
}

/** The cell that an arrow key leads to; undefined for other keys and at the edge. */
export function moved(cell: number, key: string): number | undefined {
  const row = Math.floor(cell / SIDE);
  const column = cell % SIDE;
  switch (key) {
    case 'ArrowUp':
      return row > 0 ? cell - SIDE : undefined;
    case 'ArrowDown':
      return row < SIDE - 1 ? cell + SIDE : undefined;
    case 'ArrowLeft':
      return column > 0 ? cell - 1 : undefined;
    case 'ArrowRight':
      return column < SIDE - 1 ? cell + 1 : undefined;
    default:
      return undefined;
  }
}
