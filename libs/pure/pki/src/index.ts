export { PkiError, type PkiErrorCode } from './pki-error.js';
export { peerRole, spiffeId, type PeerIdentity } from './peer-identity.js';
export { createCsr, type CertificateRequest } from './certificate-request.js';
export {
  CertificateAuthority,
  CERTIFICATE_BACKDATING_MS,
  type PeerCertificateTerms,
} from './certificate-authority.js';
export { cmsSign, type CmsSigner } from './cms-signature.js';
export {
  readRecipientCertificate,
  requireValidAt,
  type RecipientCertificate,
} from './recipient-certificate.js';
export type { TimeStamp } from './time-stamp.js';

/** RFC 3161, with the library that reads it: few processes ever stamp, and it is large. */
export const timeStamps = () => import('./time-stamp.js');
