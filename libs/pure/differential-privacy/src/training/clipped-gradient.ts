/** The clipping norm in steps of the grid that gradients are put on: as fine as a single-precision number. */
export const CLIP_STEPS = 2 ** 24;

/** What rounding may add to a norm before it is checked; a vector that is still too long is shortened again. */
const MARGIN = 1 - 2 ** -20;

/**
 * Adds a gradient, clipped to the norm `clip` and rounded towards 0 to integers of clip/2²⁴, to `sum`.
 *
 * Promise: whatever the gradient is (NaN and infinities included), the integers added have a sum of squares of at most
 * (2²⁴)², checked in integers that doubles hold exactly: sensitivity 2²⁴ in the Euclidean norm, not "up to rounding". A
 * gradient that isn't finite adds nothing. Up to 2²⁸ gradients can be added before a sum stops being exact.
 */
export function addClipped(gradient: ArrayLike<number>, clip: number, sum: Float64Array): void {
  let squares = 0;
  for (let i = 0; i < gradient.length; i += 1) squares += (gradient[i] ?? 0) ** 2;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) return;
  let scale = (CLIP_STEPS / clip) * (norm > clip ? clip / norm : 1);
  while (!fits(gradient, scale)) scale *= MARGIN;
  for (let i = 0; i < gradient.length; i += 1)
    sum[i] = (sum[i] ?? 0) + Math.trunc((gradient[i] ?? 0) * scale);
}

/** Every square is an integer of at most 2⁴⁸ and the loop ends beyond that: no addition here is rounded. */
function fits(gradient: ArrayLike<number>, scale: number): boolean {
  const most = CLIP_STEPS ** 2;
  let squares = 0;
  for (let i = 0; i < gradient.length; i += 1) {
    const step = Math.trunc((gradient[i] ?? 0) * scale);
    if (Math.abs(step) > CLIP_STEPS) return false;
    squares += step * step;
    if (squares > most) return false;
  }
  return true;
}
