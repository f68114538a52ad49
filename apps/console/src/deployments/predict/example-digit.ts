/** A handwritten 9 from the UCI data set of handwritten digits: 8×8 pixels, 0 (paper) to 16 (ink), row by row. */
export const example: readonly number[] = [
  [0, 0, 6, 12, 11, 0, 0, 0],
  [0, 2, 16, 14, 14, 11, 0, 0],
  [0, 8, 15, 1, 8, 16, 0, 0],
  [0, 3, 15, 5, 11, 16, 5, 0],
  [0, 0, 11, 16, 15, 14, 8, 0],
  [0, 0, 4, 2, 3, 6, 12, 0],
  [0, 2, 16, 13, 10, 14, 12, 0],
  [0, 0, 8, 12, 13, 13, 5, 0],
].flat();
