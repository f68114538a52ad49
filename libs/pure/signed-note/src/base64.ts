/**
 * Decodes standard padded Base64 (RFC 4648 §4), canonical form only, so that one byte string has one spelling.
 * Returns `undefined` for anything else.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
