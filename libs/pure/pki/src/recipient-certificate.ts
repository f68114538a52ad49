import { createHash, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { PkiError } from './pki-error.js';

const MAX_CHARACTERS = 4096;

/** A certificate that something is sealed to: X.509 over an X25519 key (RFC 8410). */
export interface RecipientCertificate {
  /** SHA-256 of the DER, lowercase hex: what two people compare over another channel. */
  readonly sha256: string;
  /** As the certificate calls its holder. A claim: whose it is, is known from the digest alone. */
  readonly subject: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** @throws PkiError `recipient_invalid` for anything else than a certificate of an X25519 key */
export function readRecipientCertificate(pem: string): RecipientCertificate {
  if (pem.length > MAX_CHARACTERS) throw invalid('The certificate is too long.');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    throw invalid('The certificate can not be read.', cause);
  }
  const { publicKey, subject, raw, validFromDate: notBefore, validToDate: notAfter } = certificate;
  const { crv, x } = publicKey.asymmetricKeyType === 'x25519' ? publicKey.export({ format: 'jwk' }) : {};
  if (crv !== 'X25519' || x === undefined)
    throw invalid('The certificate is not that of an X25519 key, which alone things are sealed to.');
  const sha256 = createHash('sha256').update(raw).digest('hex');
  return { sha256, subject, publicKey: Buffer.from(x, 'base64url'), notBefore, notAfter };
}

/** @throws PkiError `recipient_not_valid_now` */
export function requireValidAt({ notBefore, notAfter }: RecipientCertificate, now: Date): void {
  if (notBefore <= now && now < notAfter) return;
  throw new PkiError(
    'recipient_not_valid_now',
    `The certificate is valid from ${notBefore.toISOString()} until ${notAfter.toISOString()} only. Ask the recipient for a new one.`,
  );
}

/**
 * Puts an X25519 key into a certificate that was made for another one, and signs it anew: node-forge makes certificates of
 * RSA keys only. `subjectPublicKeyInfo` is DER.
 */
export function certifyForeignKey(
  certificatePem: string,
  subjectPublicKeyInfo: Uint8Array,
  key: forge.pki.rsa.PrivateKey,
): string {
  const { asn1, util, md, pem } = forge;
  const [tbs, algorithm] = elements(asn1.fromDer(pem.decode(certificatePem)[0]?.body ?? ''));
  if (tbs === undefined || algorithm === undefined) throw new Error('node-forge made half a certificate');
  elements(tbs)[SPKI_AT] = asn1.fromDer(
    util.createBuffer(Buffer.from(subjectPublicKeyInfo).toString('binary')),
  );
  const digest = md.sha256.create().update(asn1.toDer(tbs).getBytes());
  const bits = `\0${key.sign(digest)}`;
  const { Class, Type } = asn1;
  const signature = asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, bits);
  const whole = asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [tbs, algorithm, signature]);
  return pem.encode({ type: 'CERTIFICATE', body: asn1.toDer(whole).getBytes() }).replaceAll('\r', '');
}

/** version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo (RFC 5280 §4.1). */
const SPKI_AT = 6;

function elements({ value }: forge.asn1.Asn1): forge.asn1.Asn1[] {
  if (typeof value === 'string') throw new Error('not a sequence');
  return value;
}

function invalid(detail: string, cause?: unknown): PkiError {
  return new PkiError('recipient_invalid', detail, cause);
}
