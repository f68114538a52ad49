import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes on a busy machine: a wait that reaches it has found a defect, not a slow computer. */
const LIMIT_MS = 90_000;

/** Looks again and again until there is something to see. A look that throws has seen nothing. */
export async function eventually<Value>(
  what: string | (() => string),
  look: () => Value | undefined | Promise<Value | undefined>,
  everyMs = 50,
): Promise<Value> {
  const deadline = performance.now() + LIMIT_MS;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(
        `Waited ${LIMIT_MS / 1000} s until ${typeof what === 'string' ? what : what()}, in vain.`,
        { cause: last },
      );
    await sleep(everyMs);
  }
}
