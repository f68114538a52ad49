import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { z } from 'zod';
import { PrivacyError } from '../privacy-error.js';

const StoredAnswer = z.object({
  format: z.literal('castellan.answer/v1'),
  /** By measure, in the order of the plan: its text, and one noisy integer a group. */
  measures: z.array(z.object({ text: z.string(), noisy: z.array(z.string().regex(/^-?\d+$/)) })),
  /** The keys of the groups, where they are not those of the public lists. */
  groups: z.array(z.array(z.string())).optional(),
  answeredAt: z.iso.datetime(),
});
/** A noisy answer as it is stored: integers of each measure's own unit, in the order of the groups. */
export type StoredAnswer = z.infer<typeof StoredAnswer>;

/** @throws ledger_inconsistent when the row holds something else */
export function readStoredAnswer(value: unknown): StoredAnswer {
  const answer = StoredAnswer.safeParse(value);
  if (answer.success) return answer.data;
  throw new PrivacyError('ledger_inconsistent', {
    kind: 'internal',
    publicDetail: 'The stored answer to this question is not one.',
  });
}

/** What the audit log holds of an answer. */
export function answerDigest(answer: StoredAnswer): string {
  return createHash('sha256').update(canonicalize(answer), 'utf8').digest('hex');
}
