import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { opensslSigningKey, publicPartOf } from './openssl-signing-key.js';
import { PkiError } from './pki-error.js';

const MIN_RSA_BITS = 2048;
const MAX_CSR_CHARACTERS = 16_384;
const generateRsaKeys = promisify(generateKeyPair);

/** A private key that never left its process, and the request to certify its public part. */
export interface CertificateRequest {
  /** PKCS#8 PEM. */
  readonly privateKeyPem: string;
  /** PKCS#10 PEM, signed by that key. */
  readonly csrPem: string;
}

/** A new RSA private key in PKCS#8 PEM. OpenSSL makes it: node-forge would take seconds. */
export async function newRsaKeyPem(bits: number): Promise<string> {
  const { privateKey } = await generateRsaKeys('rsa', { modulusLength: bits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Makes an RSA-2048 key and asks for its certification. The authority alone decides what the certificate will say. */
export async function createCsr(commonName: string): Promise<CertificateRequest> {
  const privateKeyPem = await newRsaKeyPem(MIN_RSA_BITS);
  const csr = forge.pki.createCertificationRequest();
  csr.publicKey = publicPartOf(privateKeyPem);
  csr.setSubject([{ name: 'commonName', value: commonName }]);
  csr.sign(opensslSigningKey(privateKeyPem), forge.md.sha256.create());
  return { privateKeyPem, csrPem: forge.pki.certificationRequestToPem(csr) };
}

/**
 * The public key of a request, once its own signature proves that the sender holds the private key. Subject and
 * requested extensions are not looked at.
 *
 * @throws PkiError `csr_invalid`
 */
export function provenPublicKey(csrPem: string): forge.pki.rsa.PublicKey {
  if (csrPem.length > MAX_CSR_CHARACTERS) throw invalid('The certificate request is too long.');
  let publicKey: forge.pki.PublicKey | null;
  try {
    const csr = forge.pki.certificationRequestFromPem(csrPem, true);
    if (!csr.verify()) throw invalid('The certificate request is not signed by its own key.');
    publicKey = csr.publicKey;
  } catch (cause) {
    throw cause instanceof PkiError ? cause : invalid('The certificate request can not be read.', cause);
  }
  if (publicKey === null || !('n' in publicKey) || publicKey.n.bitLength() < MIN_RSA_BITS) {
    throw invalid(`The certificate request is not for an RSA key of at least ${MIN_RSA_BITS} bits.`);
  }
  return publicKey;
}

function invalid(detail: string, cause?: unknown): PkiError {
  return new PkiError('csr_invalid', detail, cause);
}
