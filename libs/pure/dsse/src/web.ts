export { DsseError, type DsseErrorCode } from './dsse-error.js';
export { preAuthenticationEncoding } from './pae.js';
export {
  parseEnvelope,
  payloadBytes,
  buildEnvelope,
  type Envelope,
  type EnvelopeSignature,
} from './envelope.js';
export {
  parseStatement,
  STATEMENT_TYPE,
  IN_TOTO_PAYLOAD_TYPE,
  type Statement,
  type StatementSubject,
} from './statement.js';
export { derFromRaw, rawFromDer } from './ecdsa-signature.js';
export { webKeyId, webSignEnvelope, webVerifyEnvelope, type WebKey, type WebKeyPair } from './web-signer.js';
