import { decodeBase64, encodeBase64 } from './base64.js';
import { DsseError } from './dsse-error.js';

/** One signature over the pre-authentication encoding of the envelope's type and payload. */
export interface EnvelopeSignature {
  /** Lowercase hex SHA-256 of the signer's DER SubjectPublicKeyInfo. Only a hint: it is not covered by the signature. */
  readonly keyid: string;
  /** Base64. For ECDSA P-256, a DER `ECDSA-Sig-Value`. */
  readonly sig: string;
}

/** A DSSE v1 envelope as it stands in JSON: `payload` and every `sig` are base64. */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly EnvelopeSignature[];
}

/** More signatures than any quorum needs; bounds the work an attacker can ask for. */
const MAX_SIGNATURES = 16;

/**
 * Reads an envelope from JSON text or from a value that JSON gave.
 *
 * Unknown members are dropped, as the specification asks. Nothing is verified here.
 *
 * @throws DsseError `envelope_malformed`
 */
export function parseEnvelope(input: unknown): Envelope {
  const value = typeof input === 'string' ? parseJson(input) : input;
  if (!isRecord(value)) throw malformed('An envelope is a JSON object.');
  const { payload, payloadType, signatures } = value;
  if (typeof payload !== 'string') throw malformed('The envelope has no payload.');
  if (typeof payloadType !== 'string' || payloadType === '')
    throw malformed('The envelope has no payloadType.');
  if (!Array.isArray(signatures)) throw malformed('The envelope has no list of signatures.');
  if (signatures.length === 0) throw malformed('The envelope carries no signature.');
  if (signatures.length > MAX_SIGNATURES)
    throw malformed(`The envelope has more than ${MAX_SIGNATURES} signatures.`);
  decodeBase64(payload);
  return { payload, payloadType, signatures: signatures.map(parseSignature) };
}

/** The signed bytes inside an envelope. */
export function payloadBytes(envelope: Envelope): Uint8Array<ArrayBuffer> {
  return decodeBase64(envelope.payload);
}

/** Puts a payload and its finished signatures (raw bytes) into an envelope. */
export function buildEnvelope(
  payloadType: string,
  payload: Uint8Array,
  signatures: readonly { readonly keyid: string; readonly signature: Uint8Array }[],
): Envelope {
  return {
    payload: encodeBase64(payload),
    payloadType,
    signatures: signatures.map(({ keyid, signature }) => ({ keyid, sig: encodeBase64(signature) })),
  };
}

function parseSignature(value: unknown): EnvelopeSignature {
  if (!isRecord(value)) throw malformed('A signature is a JSON object.');
  const { keyid = '', sig } = value;
  if (typeof keyid !== 'string') throw malformed('A keyid is text.');
  if (typeof sig !== 'string' || sig === '') throw malformed('A signature has no sig.');
  decodeBase64(sig);
  return { keyid, sig };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DsseError('envelope_malformed', 'The envelope is not JSON.', cause);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(detail: string): DsseError {
  return new DsseError('envelope_malformed', detail);
}
