import { spiffeId, type PeerIdentity } from './peer-identity.js';

/** X.509 v3 extensions in node-forge's terms. */
export type CertificateExtensions = readonly Readonly<Record<string, unknown>>[];

const DNS_NAME = 2;
const URI = 6;
const IP_ADDRESS = 7;

/** An authority that certifies end entities only: no further authorities below it. */
export const authorityExtensions: CertificateExtensions = [
  { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
  { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  { name: 'subjectKeyIdentifier' },
];

/** A process that speaks TLS as server and as client, under its SPIFFE id and the names of this machine. */
export function peerExtensions(peer: PeerIdentity, dnsNames: readonly string[]): CertificateExtensions {
  const altNames = [
    { type: URI, value: spiffeId(peer) },
    ...['localhost', ...dnsNames].map((value) => ({ type: DNS_NAME, value })),
    ...['127.0.0.1', '::1'].map((ip) => ({ type: IP_ADDRESS, ip })),
  ];
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true, serverAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'subjectKeyIdentifier' },
  ];
}

/**
 * The signer of exports. `emailProtection` is the purpose that `openssl cms -verify` asks for; without `clientAuth` and
 * without a SPIFFE id the certificate opens no connection.
 */
export const exportSignerExtensions: CertificateExtensions = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, nonRepudiation: true, critical: true },
  { name: 'extKeyUsage', emailProtection: true },
  { name: 'subjectKeyIdentifier' },
];

/** A key that is agreed with and signs nothing. */
export const recipientExtensions: CertificateExtensions = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', keyAgreement: true, critical: true },
];
