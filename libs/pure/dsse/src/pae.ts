/**
 * The pre-authentication encoding: the bytes that are signed.
 *
 * `DSSEv1 <len type> <type> <len payload> <payload>`, lengths in bytes, in decimal, separated by single spaces. Both
 * lengths are written out, so no two pairs of type and payload share an encoding.
 *
 * Source: DSSE v1.0 protocol, https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const type = encoder.encode(payloadType);
  const head = encoder.encode(`DSSEv1 ${type.length} `);
  const middle = encoder.encode(` ${payload.length} `);

  const encoded = new Uint8Array(head.length + type.length + middle.length + payload.length);
  encoded.set(head, 0);
  encoded.set(type, head.length);
  encoded.set(middle, head.length + type.length);
  encoded.set(payload, head.length + type.length + middle.length);
  return encoded;
}
