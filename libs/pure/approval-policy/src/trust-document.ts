import { createHash } from 'node:crypto';
import { canonicalize, type JsonValue } from '@castellan/canonical-json';
import {
  IN_TOTO_PAYLOAD_TYPE,
  parseEnvelope,
  parseStatement,
  payloadBytes,
  type Envelope,
  type Statement,
} from '@castellan/dsse';
import { CastellanError } from '@castellan/errors';
import { TrustError } from './trust-error.js';

/** An envelope, or the JSON text of one, from somebody who is not trusted. */
export type EnvelopeInput = Envelope | string;

/** A document that could be read. Who signed it is still unknown. */
export interface TrustDocument {
  readonly envelope: Envelope;
  /** SHA-256 of the payload bytes: the name under which other documents speak of this one. */
  readonly digest: string;
  readonly predicateType: string;
  readonly predicate: Statement['predicate'];
  /** The one subject, by its SHA-256. */
  readonly subjectName: string;
  readonly subjectSha256: string;
}

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Reads a document as far as all kinds are alike: an in-toto statement, canonical, about exactly one subject.
 *
 * A payload that is not the canonical form of itself is refused: it could read differently to another parser (duplicate
 * names, rounded numbers), and one meaning must have one digest.
 *
 * @throws TrustError `document_malformed`
 */
export function readTrustDocument(input: EnvelopeInput): TrustDocument {
  const envelope = readable(() => parseEnvelope(input));
  if (envelope.payloadType !== IN_TOTO_PAYLOAD_TYPE)
    throw malformed('The payload is not an in-toto statement.');
  const payload = payloadBytes(envelope);
  const statement = readable(() => parseStatement(payload));
  if (!isCanonical(payload)) throw malformed('The payload is not canonical JSON.');

  const [subject, ...others] = statement.subject;
  const subjectSha256 = subject?.digest['sha256'];
  if (others.length > 0 || subjectSha256 === undefined || !SHA256.test(subjectSha256)) {
    throw malformed('The statement is not about one subject named by its SHA-256.');
  }
  return {
    envelope,
    digest: createHash('sha256').update(payload).digest('hex'),
    predicateType: statement.predicateType,
    predicate: statement.predicate,
    subjectName: subject?.name ?? '',
    subjectSha256,
  };
}

function isCanonical(payload: Uint8Array): boolean {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
  const value: JsonValue = JSON.parse(text);
  return readable(() => canonicalize(value)) === text;
}

function readable<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CastellanError)
      throw new TrustError('document_malformed', cause.publicDetail, cause);
    throw cause;
  }
}

function malformed(detail: string): TrustError {
  return new TrustError('document_malformed', detail);
}
