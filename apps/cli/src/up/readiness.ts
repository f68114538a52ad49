import { setTimeout as sleep } from 'node:timers/promises';
import { UpError } from './up-error.js';

const POLL_MS = 50;

/** Waits until `url` answers 2xx. @throws UpError `start_timed_out`; the abort reason when `signal` aborts */
export async function untilReady(url: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await answers(url))) {
    signal.throwIfAborted();
    if (performance.now() > deadline)
      throw new UpError(
        'start_timed_out',
        'unavailable',
        `${url} is not ready after ${Math.round(timeoutMs / 1000)} s.`,
      );
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
