import { DsseError } from './dsse-error.js';

const COORDINATE_BYTES = 32;
const RAW_BYTES = 2 * COORDINATE_BYTES;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * A P-256 signature as WebCrypto gives it (r ‖ s, 64 bytes) in the form that DSSE, openssl and model signing read:
 * DER `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 §2.2.3), 8 to 72 bytes.
 *
 * @throws DsseError `signature_malformed` when the input is not 64 bytes.
 */
export function derFromRaw(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  if (raw.length !== RAW_BYTES)
    throw malformed(`A raw P-256 signature has ${RAW_BYTES} bytes, not ${raw.length}.`);
  const r = derInteger(raw.subarray(0, COORDINATE_BYTES));
  const s = derInteger(raw.subarray(COORDINATE_BYTES));
  return Uint8Array.from([SEQUENCE, r.length + s.length, ...r, ...s]);
}

/**
 * The inverse of {@link derFromRaw}. Only the one DER form of a signature is accepted: no long lengths, no padding, no
 * negative numbers, no trailing bytes.
 *
 * @throws DsseError `signature_malformed`
 */
export function rawFromDer(der: Uint8Array): Uint8Array<ArrayBuffer> {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2)
    throw malformed('A DER signature is one short SEQUENCE.');
  const r = readInteger(der, 2);
  const s = readInteger(der, r.end);
  if (s.end !== der.length) throw malformed('A DER signature has bytes after its two numbers.');
  const raw = new Uint8Array(RAW_BYTES);
  raw.set(r.magnitude, COORDINATE_BYTES - r.magnitude.length);
  raw.set(s.magnitude, RAW_BYTES - s.magnitude.length);
  return raw;
}

function derInteger(coordinate: Uint8Array): number[] {
  const firstNonZero = coordinate.findIndex((byte) => byte !== 0);
  const magnitude = firstNonZero === -1 ? [0] : [...coordinate.subarray(firstNonZero)];
  const needsSignByte = (magnitude[0] ?? 0) >= 0x80;
  const content = needsSignByte ? [0, ...magnitude] : magnitude;
  return [INTEGER, content.length, ...content];
}

function readInteger(der: Uint8Array, start: number): { magnitude: Uint8Array; end: number } {
  const length = der[start + 1] ?? 0;
  const end = start + 2 + length;
  const content = der.subarray(start + 2, end);
  const [first, second] = content;
  if (der[start] !== INTEGER || first === undefined || content.length !== length) {
    throw malformed('A DER signature is two INTEGERs.');
  }
  if (first >= 0x80) throw malformed('A DER signature has a negative number.');
  const hasSignByte = first === 0 && second !== undefined;
  if (hasSignByte && second < 0x80) throw malformed('A DER signature has a padded number.');
  const magnitude = first === 0 ? content.subarray(1) : content;
  if (magnitude.length > COORDINATE_BYTES) throw malformed('A DER signature has a number beyond 256 bits.');
  return { magnitude, end };
}

function malformed(detail: string): DsseError {
  return new DsseError('signature_malformed', detail);
}
