import { X509Certificate } from 'node:crypto';
import { ContentInfo, SignedData } from 'pkijs';
import { EvidenceError } from './fault.js';

/** The extended key usage that `openssl cms -verify` asks for as well (RFC 8551, RFC 5280 §4.2.1.12). */
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';

/** Who signed, once it is known that they did. */
export interface CmsSigner {
  readonly subject: string;
  /** SHA-256 fingerprint of the CA certificate, as openssl prints it. */
  readonly caFingerprint: string;
}

/**
 * Verifies a detached CMS signature (RFC 5652) of exactly one signer whose certificate the CA issued and that was valid at
 * `at`. The CA certificate is the caller's to trust.
 *
 * @throws EvidenceError `cms_malformed`, `cms_invalid`, `ca_malformed`, `signer_untrusted`
 */
export async function verifyCms(
  pem: string,
  content: Uint8Array,
  caPem: string,
  at: Date,
): Promise<CmsSigner> {
  const ca = parseCa(caPem);
  const signer = await verifySignature(pem, content);
  const isOwn = signer.fingerprint256 === ca.fingerprint256;
  if (!isOwn && !(signer.checkIssued(ca) && signer.verify(ca.publicKey)))
    throw new EvidenceError('signer_untrusted', 'The certificate that signed was not issued by the CA.');
  // Every process of the platform has a certificate of this CA; only the export signer's is for signing messages.
  if (!isOwn && !(signer.keyUsage as string[] | undefined)?.includes(EMAIL_PROTECTION))
    throw new EvidenceError('signer_untrusted', `${signer.subject} is not certified to sign exports.`);
  for (const certificate of [signer, ca]) {
    if (at < certificate.validFromDate || certificate.validToDate < at)
      throw new EvidenceError(
        'signer_untrusted',
        `The certificate ${certificate.subject} was not valid at ${at.toISOString()}.`,
      );
  }
  return { subject: signer.subject, caFingerprint: ca.fingerprint256 };
}

async function verifySignature(pem: string, content: Uint8Array): Promise<X509Certificate> {
  const signed = parseSignedData(pem);
  if (signed.signerInfos.length !== 1)
    throw new EvidenceError('cms_malformed', 'The CMS message does not have exactly one signer.');
  const { verified, certificate } = await verdict(signed, content);
  if (!verified || certificate === undefined)
    throw new EvidenceError('cms_invalid', 'The CMS signature does not verify over SHA256SUMS.');
  return certificate;
}

/** pkijs throws its own errors for whatever it can't process; all of them mean: not verified. */
async function verdict(
  signed: SignedData,
  content: Uint8Array,
): Promise<{ verified: boolean; certificate?: X509Certificate }> {
  try {
    const { signatureVerified, signerCertificate } = await signed.verify({
      signer: 0,
      data: Uint8Array.from(content).buffer,
      checkChain: false,
      extendedMode: true,
    });
    if (!signerCertificate) return { verified: false };
    const certificate = new X509Certificate(Buffer.from(signerCertificate.toSchema(true).toBER()));
    return { verified: signatureVerified === true, certificate };
  } catch {
    return { verified: false };
  }
}

function parseSignedData(pem: string): SignedData {
  try {
    const [, base64 = ''] =
      /-----BEGIN (?:PKCS7|CMS)-----([\s\S]+?)-----END (?:PKCS7|CMS)-----/.exec(pem) ?? [];
    const info = ContentInfo.fromBER(Uint8Array.from(Buffer.from(base64, 'base64')));
    if (info.contentType !== ContentInfo.SIGNED_DATA) throw new Error('not signed data');
    return new SignedData({ schema: info.content });
  } catch (cause) {
    throw new EvidenceError('cms_malformed', 'It is not a CMS SignedData in PEM.', cause);
  }
}

function parseCa(pem: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem);
    if (certificate.ca) return certificate;
  } catch (cause) {
    throw new EvidenceError('ca_malformed', 'The CA certificate is not an X.509 certificate in PEM.', cause);
  }
  throw new EvidenceError('ca_malformed', 'The certificate is not one of a CA.');
}
