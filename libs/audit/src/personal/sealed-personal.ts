/**
 * How personal attributes stand in a leaf (SPEC.md, Personal attributes): base64url of the encapsulation (32 bytes), the
 * message's number (4, big-endian) and the ciphertext.
 */
const ENC_BYTES = 32;
const HEAD_BYTES = ENC_BYTES + 4;

export const personalInfo = Buffer.from('castellan/audit/personal/v1');

/** In what capacity an event names the person. */
export type PersonalPart = 'actor' | 'subject';

/** What the sealing is bound to, so that it opens in no other event, for no other person. */
export function personalContext(eventId: string, part: PersonalPart, personId: string): Buffer {
  return Buffer.from(JSON.stringify([eventId, part, personId]));
}

export interface SealedPersonal {
  readonly enc: Buffer;
  readonly sequence: number;
  readonly ciphertext: Buffer;
}

export function encodeSealed(sealed: {
  readonly enc: Uint8Array;
  readonly sequence: number;
  readonly ciphertext: Uint8Array;
}): string {
  const head = Buffer.alloc(HEAD_BYTES);
  head.set(sealed.enc);
  head.writeUInt32BE(sealed.sequence, ENC_BYTES);
  return Buffer.concat([head, sealed.ciphertext]).toString('base64url');
}

/** `undefined` for a text that can't be one. */
export function decodeSealed(text: string): SealedPersonal | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < HEAD_BYTES) return undefined;
  return {
    enc: bytes.subarray(0, ENC_BYTES),
    sequence: bytes.readUInt32BE(ENC_BYTES),
    ciphertext: bytes.subarray(HEAD_BYTES),
  };
}
