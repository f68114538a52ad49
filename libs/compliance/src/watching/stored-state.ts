import { gunzipSync, gzipSync } from 'node:zlib';
import { WatchRule } from '@castellan/contracts';
import { z } from 'zod';
import type { DetectorState } from './detector/detector.js';

const Memory = z.object({
  parts: z.array(z.object({ at: z.number(), count: z.number() })),
  leaves: z.array(z.tuple([z.string(), z.number()])),
  window: z.number(),
  total: z.number(),
  usual: z.object({ windows: z.number(), mean: z.number(), variance: z.number() }),
  raised: z.array(z.number()),
  words: z.array(z.string()),
  firstMs: z.number(),
  settled: z.boolean(),
  whole: z.number(),
});
const State = z.partialRecord(WatchRule, z.array(z.tuple([z.string(), Memory])));

export function storedState(state: DetectorState): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(JSON.stringify(state)));
}

/** `undefined` for what is no state: the leaves hold all of it, and it is learnt from them again. */
export function readState(stored: Uint8Array): DetectorState | undefined {
  try {
    return State.safeParse(JSON.parse(gunzipSync(stored).toString())).data;
  } catch {
    return undefined;
  }
}
