import { type NoteSigner, openNote, signNote, VerifierKey, NoteError } from '@castellan/signed-note';
import type { LogIdentity } from '../log-identity.js';
import { readRecordedEvent } from '../recorded-event.js';
import { formatRanges, type IndexRange, parseRanges } from './index-ranges.js';

/** The event that says which payloads expire. Its detail `permit` is what a verifier believes; the rest is for people. */
export const EXPIRY_ACTION = 'audit.payloads-expired';

/** A permit of this many ranges fits into a leaf, whatever their indexes. */
export const MAX_PERMIT_RANGES = 1_000;

/**
 * Words by which the log's signer lets payloads go: a signed note of three lines. The first says of which log it is, and
 * that it is no checkpoint; the second which leaves; the third when it was given.
 */
export function signPermit(ranges: readonly IndexRange[], at: Date, signer: NoteSigner): string {
  return signNote(`${signer.name}/expiry\n${formatRanges(ranges)}\n${at.toISOString()}\n`, [signer]);
}

/** The leaves that a permit names; `undefined` if it is none of this log's. */
export function openPermit(note: string, { origin, vkey }: LogIdentity): IndexRange[] | undefined {
  try {
    const { text } = openNote(note, [VerifierKey.parse(vkey)]);
    const [first, ranges = '', , end] = text.split('\n');
    return first === `${origin}/expiry` && end === '' ? parseRanges(ranges) : undefined;
  } catch (error) {
    if (error instanceof NoteError) return undefined;
    throw error;
  }
}

/** The leaves that the entry lets go, if it is an event that does; none otherwise. */
export function permittedBy(entry: Uint8Array, identity: LogIdentity): IndexRange[] {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  if (!bytes.includes(EXPIRY_ACTION)) return [];
  const event = readRecordedEvent(bytes.toString());
  const permit = event?.details?.['permit'];
  if (event?.action !== EXPIRY_ACTION || typeof permit !== 'string') return [];
  return openPermit(permit, identity) ?? [];
}
