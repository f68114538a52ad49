import { IN_TOTO_PAYLOAD_TYPE, webSignEnvelope } from '@castellan/dsse/web';
import type { SigningKey } from '../signing-key/signing-key.js';

/** Signs exactly these bytes with the key of this browser. */
export async function signStatement(payload: Uint8Array<ArrayBuffer>, { keys }: SigningKey) {
  const envelope = await webSignEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, keys);
  return { ...envelope, signatures: [...envelope.signatures] };
}
