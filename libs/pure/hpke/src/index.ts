export { HpkeError, type HpkeErrorCode } from './hpke-error.js';
export { OpeningContext } from './opening-context.js';
export { SealingContext, type NumberedMessage } from './sealing-context.js';
export { open, sealTo, type SealedMessage } from './single-shot.js';
export {
  exportPrivateKey,
  generateKeyPair,
  importPrivateKey,
  publicKeyOf,
  type KeyPair,
} from './x25519-keys.js';
