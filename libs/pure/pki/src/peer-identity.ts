import type { X509Certificate } from 'node:crypto';
import { PkiError } from './pki-error.js';

/** Who a process is, as its certificate says: `spiffe://castellan/<role>/<name>`. */
export interface PeerIdentity {
  readonly role: string;
  readonly name: string;
}

const LABEL = /^[a-z0-9][a-z0-9-]{0,39}$/;
const SPIFFE_URI = /^URI:spiffe:\/\/castellan\/([a-z0-9-]+)\/([a-z0-9-]+)$/;

/** The SPIFFE id of a process. @throws PkiError `identity_invalid` for a role or name that is not a plain label. */
export function spiffeId({ role, name }: PeerIdentity): string {
  if (!LABEL.test(role) || !LABEL.test(name)) {
    throw new PkiError('identity_invalid', 'A role or name has characters other than a-z, 0-9 and "-".');
  }
  return `spiffe://castellan/${role}/${name}`;
}

/**
 * Reads role and name from a certificate that TLS has already verified against the platform's authority.
 *
 * @throws PkiError `peer_unidentified` unless exactly one SAN URI is a Castellan identity
 */
export function peerRole(certificate: X509Certificate): PeerIdentity {
  const entries = certificate.subjectAltName?.split(', ') ?? [];
  const uris = entries.filter((entry) => entry.startsWith('URI:'));
  const [, role, name] = SPIFFE_URI.exec(uris[0] ?? '') ?? [];
  if (uris.length !== 1 || role === undefined || name === undefined) {
    throw new PkiError('peer_unidentified', 'The certificate names no Castellan process.');
  }
  return { role, name };
}
