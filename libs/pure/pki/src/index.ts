export { PkiError, type PkiErrorCode } from './pki-error.js';
export { peerRole, spiffeId, type PeerIdentity } from './peer-identity.js';
export { createCsr, type CertificateRequest } from './certificate-request.js';
export {
  CertificateAuthority,
  CERTIFICATE_BACKDATING_MS,
  type PeerCertificateTerms,
} from './certificate-authority.js';
export { cmsSign, type CmsSigner } from './cms-signature.js';
export { readTimeStampReply, timeStampRequest, verifyTimeStamp, type TimeStamp } from './time-stamp.js';
