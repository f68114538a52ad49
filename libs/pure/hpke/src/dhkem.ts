import { diffieHellman, type KeyObject } from 'node:crypto';
import { HpkeError } from './hpke-error.js';
import { LabeledHkdf } from './labeled-hkdf.js';
import { importPublicKey, publicKeyOf, type KeyPair } from './x25519-keys.js';

const SECRET_BYTES = 32;
const EMPTY = Buffer.alloc(0);
/** "KEM" and the identifier of DHKEM(X25519, HKDF-SHA256). */
const hkdf = new LabeledHkdf(Buffer.concat([Buffer.from('KEM'), Buffer.of(0x00, 0x20)]));

/** The shared secret of an ephemeral key pair and a recipient (RFC 9180 section 4.1, Encap). */
export function encapsulate(recipientPublicKey: Uint8Array, ephemeral: KeyPair): Buffer {
  return sharedSecret(ephemeral.privateKey, recipientPublicKey, ephemeral.publicKey, recipientPublicKey);
}

/** The recipient's side of the same secret (Decap). */
export function decapsulate(enc: Uint8Array, recipient: KeyObject): Buffer {
  return sharedSecret(recipient, enc, enc, publicKeyOf(recipient));
}

function sharedSecret(
  privateKey: KeyObject,
  peerPublicKey: Uint8Array,
  enc: Uint8Array,
  recipientPublicKey: Uint8Array,
): Buffer {
  const point = exchange(privateKey, importPublicKey(peerPublicKey));
  const kemContext = Buffer.concat([enc, recipientPublicKey]);
  const agreed = { salt: EMPTY, label: 'eae_prk', inputKeyMaterial: point };
  const secret = hkdf.derive(agreed, 'shared_secret', kemContext, SECRET_BYTES);
  point.fill(0);
  return secret;
}

/** OpenSSL refuses an all-zero result, which is the check that RFC 9180 section 7.1.4 asks for (low-order points). */
function exchange(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    throw new HpkeError('hpke_key_invalid', 'The X25519 public key is of low order.', cause);
  }
}
