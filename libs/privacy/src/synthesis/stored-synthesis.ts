import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import type { MarginalRelease } from '@castellan/differential-privacy';
import { z } from 'zod';
import { PrivacyError } from '../privacy-error.js';

const counts = z.array(z.string().regex(/^-?\d+$/));

const StoredSynthesis = z.object({
  format: z.literal('castellan.synthesis/v1'),
  singles: z.array(counts),
  pairs: z.array(z.object({ left: z.number().int(), right: z.number().int(), noisy: counts })),
  answeredAt: z.iso.datetime(),
});
/** The noisy counts as they are stored. The synthetic table is made of them anew whenever it is asked for. */
export type StoredSynthesis = z.infer<typeof StoredSynthesis>;

export function storeRelease({ singles, pairs }: MarginalRelease, answeredAt: Date): StoredSynthesis {
  return {
    format: 'castellan.synthesis/v1',
    singles: singles.map((noisy) => noisy.map(String)),
    pairs: pairs.map(({ left, right, noisy }) => ({ left, right, noisy: noisy.map(String) })),
    answeredAt: answeredAt.toISOString(),
  };
}

/** @throws ledger_inconsistent when the row holds something else */
export function readRelease(value: unknown): MarginalRelease {
  const stored = StoredSynthesis.safeParse(value);
  if (!stored.success)
    throw new PrivacyError('ledger_inconsistent', {
      kind: 'internal',
      publicDetail: 'The stored counts of this synthetic table are not that.',
    });
  const { singles, pairs } = stored.data;
  return {
    singles: singles.map((noisy) => noisy.map(BigInt)),
    pairs: pairs.map(({ left, right, noisy }) => ({ left, right, noisy: noisy.map(BigInt) })),
  };
}

export function synthesisDigest(stored: StoredSynthesis): string {
  return createHash('sha256').update(canonicalize(stored), 'utf8').digest('hex');
}
