import { DsseError } from './dsse-error.js';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BYTES_PER_CALL = 8192;

/** Standard, padded base64. Runs in browsers and in Node. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += BYTES_PER_CALL) {
    binary += String.fromCharCode(...bytes.subarray(start, start + BYTES_PER_CALL));
  }
  return btoa(binary);
}

/**
 * Decodes standard or URL-safe base64, padded or not: the DSSE specification lets producers choose.
 *
 * @throws DsseError `envelope_malformed` for any other character or an impossible length.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  if (!BASE64.test(standard))
    throw new DsseError('envelope_malformed', 'The envelope has text that is not base64.');
  try {
    return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new DsseError('envelope_malformed', 'The envelope has base64 of an impossible length.', cause);
  }
}
