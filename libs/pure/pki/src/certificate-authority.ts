import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import {
  authorityExtensions,
  exportSignerExtensions,
  recipientExtensions,
  peerExtensions,
  type CertificateExtensions,
} from './certificate-extensions.js';
import { newRsaKeyPem, provenPublicKey } from './certificate-request.js';
import { opensslSigningKey, publicPartOf } from './openssl-signing-key.js';
import type { PeerIdentity } from './peer-identity.js';
import { PkiError } from './pki-error.js';
import { certifyForeignKey } from './recipient-certificate.js';

const AUTHORITY_KEY_BITS = 3072;

/** Certificates begin so much before the authority's own time, so that a peer whose clock is behind accepts them. */
export const CERTIFICATE_BACKDATING_MS = 5 * 60_000;

/** What a certificate for a process is to say. Nothing of it comes from the request. */
export interface PeerCertificateTerms extends PeerIdentity {
  readonly ttlMs: number;
  /** Host names beside `localhost`, 127.0.0.1 and ::1. */
  readonly dnsNames?: readonly string[];
  readonly now: Date;
}

interface CertificateTerms {
  readonly commonName: string;
  readonly publicKey: forge.pki.rsa.PublicKey;
  readonly extensions: CertificateExtensions;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * The platform's certificate authority: RSA, X.509 v3, SHA-256. It certifies processes for mutual TLS and the signer of
 * exports. It keeps no record and revokes nothing: certificates of processes live for hours.
 *
 * Source: RFC 5280; SPIFFE X.509-SVID for the identity.
 */
export class CertificateAuthority {
  readonly #privateKey: forge.pki.rsa.PrivateKey;
  readonly #certificate: forge.pki.Certificate;

  private constructor(
    readonly certificatePem: string,
    /** PKCS#8 PEM: a secret that its holder keeps sealed. */
    readonly privateKeyPem: string,
  ) {
    this.#privateKey = opensslSigningKey(privateKeyPem);
    this.#certificate = forge.pki.certificateFromPem(certificatePem);
  }

  static async create(terms: {
    readonly commonName: string;
    readonly ttlMs: number;
    readonly now: Date;
  }): Promise<CertificateAuthority> {
    const privateKeyPem = await newRsaKeyPem(AUTHORITY_KEY_BITS);
    const { commonName, now, ttlMs } = terms;
    const certificate = signCertificate(
      {
        commonName,
        publicKey: publicPartOf(privateKeyPem),
        extensions: authorityExtensions,
        ...validity(now, ttlMs),
      },
      [{ name: 'commonName', value: commonName }],
      opensslSigningKey(privateKeyPem),
    );
    return new CertificateAuthority(certificate, privateKeyPem);
  }

  /** @throws PkiError `authority_invalid` when the two don't belong together or the certificate is no authority's */
  static load(certificatePem: string, privateKeyPem: string): CertificateAuthority {
    let certificate: X509Certificate;
    let belongs: boolean;
    try {
      certificate = new X509Certificate(certificatePem);
      belongs = certificate.checkPrivateKey(createPrivateKey(privateKeyPem));
    } catch (cause) {
      throw new PkiError('authority_invalid', 'The authority can not be read.', cause);
    }
    if (!belongs || !certificate.ca) {
      throw new PkiError('authority_invalid', 'The certificate is not that of an authority with this key.');
    }
    return new CertificateAuthority(certificatePem, privateKeyPem);
  }

  /**
   * Certifies a process for mutual TLS. Whether the sender may be that process is for the caller to know.
   *
   * @throws PkiError `csr_invalid`, `identity_invalid`
   */
  signCsr(csrPem: string, terms: PeerCertificateTerms): string {
    return this.#issue({
      commonName: terms.name,
      publicKey: provenPublicKey(csrPem),
      extensions: peerExtensions(terms, terms.dnsNames ?? []),
      ...validity(terms.now, terms.ttlMs),
    });
  }

  /** Certifies a key that signs exports, for as long as the authority itself lives. @throws PkiError `csr_invalid` */
  signExportSignerCsr(csrPem: string, terms: { readonly commonName: string; readonly now: Date }): string {
    return this.#issue({
      commonName: terms.commonName,
      publicKey: provenPublicKey(csrPem),
      extensions: exportSignerExtensions,
      notBefore: validity(terms.now, 0).notBefore,
      notAfter: this.#certificate.validity.notAfter,
    });
  }

  /** Certifies an X25519 key of this platform's own (DER SubjectPublicKeyInfo) that things are sealed to. */
  certifyRecipient(
    subjectPublicKeyInfo: Uint8Array,
    terms: { readonly commonName: string; readonly ttlMs: number; readonly now: Date },
  ): string {
    const inPlace = this.#issue({
      commonName: terms.commonName,
      publicKey: publicPartOf(this.privateKeyPem),
      extensions: recipientExtensions,
      ...validity(terms.now, terms.ttlMs),
    });
    return certifyForeignKey(inPlace, subjectPublicKeyInfo, this.#privateKey);
  }

  #issue(terms: CertificateTerms): string {
    const keyIdentifier = this.#certificate.generateSubjectKeyIdentifier().getBytes();
    const extensions = [...terms.extensions, { name: 'authorityKeyIdentifier', keyIdentifier }];
    const latest = this.#certificate.validity.notAfter;
    const notAfter = terms.notAfter < latest ? terms.notAfter : latest;
    return signCertificate(
      { ...terms, extensions, notAfter },
      this.#certificate.subject.attributes,
      this.#privateKey,
    );
  }
}

function validity(now: Date, ttlMs: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - CERTIFICATE_BACKDATING_MS),
    notAfter: new Date(now.getTime() + ttlMs),
  };
}

function signCertificate(
  terms: CertificateTerms,
  issuer: forge.pki.CertificateField[],
  key: forge.pki.rsa.PrivateKey,
): string {
  const certificate = forge.pki.createCertificate();
  certificate.serialNumber = newSerialNumber();
  certificate.publicKey = terms.publicKey;
  certificate.validity.notBefore = terms.notBefore;
  certificate.validity.notAfter = terms.notAfter;
  certificate.setSubject([{ name: 'commonName', value: terms.commonName }]);
  certificate.setIssuer(issuer);
  // node-forge writes into the objects it is given (a key identifier, say): each certificate gets its own.
  certificate.setExtensions(terms.extensions.map((extension) => ({ ...extension })));
  certificate.sign(key, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

/** 127 random bits after a zero bit and never a zero first byte: a positive DER INTEGER in its shortest form. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('hex');
}
