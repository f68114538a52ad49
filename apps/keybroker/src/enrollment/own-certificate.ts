import { CertificateAuthority, createCsr } from '@castellan/pki';
import type { TlsIdentity } from '@castellan/http';
import { PROCESS_CERTIFICATE_TTL_MS } from './enroll-process.js';

/** The broker's own certificate, under a fresh key that is never written down. */
export async function ownCertificate(authority: CertificateAuthority, now: Date): Promise<TlsIdentity> {
  const { csrPem, privateKeyPem } = await createCsr('keybroker');
  const terms = { role: 'keybroker', name: 'main', ttlMs: PROCESS_CERTIFICATE_TTL_MS, now };
  return { ca: authority.certificatePem, cert: authority.signCsr(csrPem, terms), key: privateKeyPem };
}
