import { createSecretKey, type KeyObject } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { open, sealTo } from '@castellan/hpke';
import { z } from 'zod';

export const DATA_KEY_INFO = Buffer.from('castellan/data-key/v1');
const ENC_BYTES = 32;

const Context = z.strictObject({
  kind: z.enum(['version', 'dataset', 'task']),
  id: z.string(),
  project: z.string(),
});

/** What a data key is for. A wrapped key opens only for the very thing it was made for. */
export interface DataKeySubject {
  readonly kind: 'version' | 'dataset' | 'task';
  /** The row's id; of a task's result, the digest of the request. */
  readonly id: string;
  /** The project's id, whose key-encryption key wraps. */
  readonly project: string;
}

/** The text that is bound into the wrapping: canonical JSON of `{ id, kind, project }`. */
export function dataKeyContext({ kind, id, project }: DataKeySubject): string {
  return canonicalize({ kind, id, project });
}

/** The subject that a stored context names; undefined for a text that names none. A claim, until a key opens under it. */
export function readDataKeyContext(text: string): DataKeySubject | undefined {
  const read = Context.safeParse(parsed(text));
  return read.success && dataKeyContext(read.data) === text ? read.data : undefined;
}

/** enc (32) ‖ ciphertext: the key sealed to a key-encryption key (HPKE), which whoever wraps can't open again. */
export function wrapDataKey(
  kekPublicKey: Uint8Array,
  subject: DataKeySubject,
  dataKey: Uint8Array,
): Buffer<ArrayBuffer> {
  const { enc, ciphertext } = sealTo(
    kekPublicKey,
    DATA_KEY_INFO,
    Buffer.from(dataKeyContext(subject)),
    dataKey,
  );
  return Buffer.concat([enc, ciphertext]);
}

/**
 * The keybroker's side. `subject` is what the caller was asked for, never what the row beside the wrapped key says.
 * Fails with HpkeError `hpke_open_failed` for another key-encryption key, another subject or a changed wrapping.
 */
export function unwrapDataKey(
  kekPrivateKey: KeyObject,
  subject: DataKeySubject,
  wrapped: Uint8Array,
): KeyObject {
  const enc = wrapped.subarray(0, ENC_BYTES);
  const context = Buffer.from(dataKeyContext(subject));
  const raw = open(kekPrivateKey, enc, DATA_KEY_INFO, context, wrapped.subarray(ENC_BYTES));
  const dataKey = createSecretKey(raw);
  raw.fill(0);
  return dataKey;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
