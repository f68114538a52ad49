import { canonicalize } from '@castellan/canonical-json';
import { webOpen, type WebRecipient } from '@castellan/hpke/web';
import { webUnseal } from '@castellan/sealed-stream/web';

/** How a sealed file was handed out: its key, sealed to a recipient of ours, and what it was sealed with. */
export interface ReleasedFile {
  readonly dataKeyId: string;
  /** Base64. */
  readonly enc: string;
  readonly ciphertext: string;
  readonly aad: string;
  readonly path: string;
}

/**
 * Opens a file whose key was released to `recipient`, in WebCrypto: in a browser or anywhere else.
 * @throws `hpke_open_failed`, `unsealing_failed`
 */
export async function openReleased(
  recipient: WebRecipient,
  { dataKeyId, enc, ciphertext, aad, path }: ReleasedFile,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const info = utf8('castellan/release/v1');
  const key = await webOpen(recipient, fromBase64(enc), info, utf8(aad), fromBase64(ciphertext));
  try {
    return await webUnseal(key, utf8(canonicalize({ dataKey: dataKeyId, path })), sealed);
  } finally {
    key.fill(0);
  }
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
