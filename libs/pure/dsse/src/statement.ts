import { DsseError } from './dsse-error.js';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** The DSSE payload type of every in-toto statement. */
export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** What a statement speaks about, named by digest. */
export interface StatementSubject {
  readonly name?: string;
  /** Algorithm name to lowercase hex digest; at least one entry. */
  readonly digest: Readonly<Record<string, string>>;
}

/**
 * An in-toto Statement v1. The predicate is still unread: its type says who can read it.
 *
 * Source: https://github.com/in-toto/attestation/blob/v1.0/spec/v1.0/statement.md
 */
export interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly StatementSubject[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

const HEX = /^(?:[0-9a-f]{2})+$/;

/**
 * Reads a statement from the payload bytes of an envelope. Members that the specification allows and we do not use are
 * dropped.
 *
 * @throws DsseError `statement_malformed`
 */
export function parseStatement(payload: Uint8Array): Statement {
  const value = parseUtf8Json(payload);
  if (!isRecord(value)) throw malformed('A statement is a JSON object.');
  const { _type, subject, predicateType, predicate = {} } = value;
  if (_type !== STATEMENT_TYPE) throw malformed('The statement is not an in-toto Statement v1.');
  if (!Array.isArray(subject) || subject.length === 0) throw malformed('The statement has no subject.');
  if (typeof predicateType !== 'string' || predicateType === '')
    throw malformed('The statement has no predicateType.');
  if (!isRecord(predicate)) throw malformed('The predicate is not a JSON object.');
  return { _type, subject: subject.map(parseSubject), predicateType, predicate };
}

function parseSubject(value: unknown): StatementSubject {
  if (!isRecord(value) || !isRecord(value['digest'])) throw malformed('A subject has no digest.');
  const digests = Object.entries(value['digest']);
  if (digests.length === 0) throw malformed('A subject has no digest.');
  const digest = Object.fromEntries(digests.map(([algorithm, hex]) => [algorithm, parseHex(hex)]));
  const { name } = value;
  if (name === undefined) return { digest };
  if (typeof name !== 'string') throw malformed('A subject has a name that is not text.');
  return { name, digest };
}

function parseHex(value: unknown): string {
  if (typeof value === 'string' && HEX.test(value)) return value;
  throw malformed('A subject has a digest that is not lowercase hex.');
}

function parseUtf8Json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new DsseError('statement_malformed', 'The payload is not JSON in UTF-8.', cause);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(detail: string): DsseError {
  return new DsseError('statement_malformed', detail);
}
