import { type Envelope, parseStatement, payloadBytes } from '@castellan/dsse/web';
import type { ZodType } from 'zod';
import { sha256Hex } from './sha256.js';

/** A document taken out of its envelope for showing. Who signed it is not verified by reading it. */
export interface SignedDocument<Predicate> {
  readonly envelope: Envelope;
  /** SHA-256 of the signed bytes: what other documents call it. */
  readonly digest: string;
  /** What it is about, by SHA-256. */
  readonly subject: string;
  readonly predicate: Predicate;
}

/** Undefined for a document of another kind, or one that can't be read. */
export async function readSigned<Predicate>(
  envelope: Envelope,
  { type, contract }: { readonly type: string; readonly contract: ZodType<Predicate> },
): Promise<SignedDocument<Predicate> | undefined> {
  try {
    const payload = payloadBytes(envelope);
    const { predicateType, predicate, subject } = parseStatement(payload);
    const read = contract.safeParse(predicate);
    const about = subject[0]?.digest['sha256'];
    if (predicateType !== type || !read.success || about === undefined) return undefined;
    return { envelope, digest: await sha256Hex(payload), subject: about, predicate: read.data };
  } catch {
    return undefined;
  }
}

/** Those of the envelopes that can be read as this kind of document. */
export async function readAllSigned<Predicate>(
  envelopes: readonly Envelope[],
  kind: { readonly type: string; readonly contract: ZodType<Predicate> },
): Promise<SignedDocument<Predicate>[]> {
  const read = await Promise.all(envelopes.map((envelope) => readSigned(envelope, kind)));
  return read.filter((document) => document !== undefined);
}
