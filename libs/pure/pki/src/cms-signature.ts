import forge from 'node-forge';
import { opensslSigningKey } from './openssl-signing-key.js';

/** Who signs: a certificate from the platform's authority and its RSA private key, both PEM. */
export interface CmsSigner {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/**
 * A detached CMS SignedData (PEM) over `content`: RSA, SHA-256, the signer's certificate inside, signed attributes
 * contentType, signingTime and messageDigest in DER order.
 *
 * Anybody checks it with
 * `openssl cms -verify -binary -inform PEM -in signature.cms -content file -CAfile ca.pem -out /dev/null`.
 *
 * `content` is held in memory twice: sign a list of digests, not the files. The signing time is the signer's claim.
 *
 * Source: RFC 5652. Only signing is offered: node-forge can't verify CMS.
 */
export function cmsSign(content: Uint8Array, signer: CmsSigner, signingTime: Date): string {
  const certificate = forge.pki.certificateFromPem(signer.certificatePem);
  const message = forge.pkcs7.createSignedData();
  message.content = forge.util.createBuffer(Buffer.from(content).toString('binary'), 'raw');
  message.addCertificate(certificate);
  message.addSigner({
    key: opensslSigningKey(signer.privateKeyPem),
    certificate,
    digestAlgorithm: oid('sha256'),
    authenticatedAttributes: [
      { type: oid('contentType'), value: oid('data') },
      // node-forge takes a Date here and encodes it as UTCTime; its type declaration knows strings only.
      { type: oid('signingTime'), value: signingTime as unknown as string },
      { type: oid('messageDigest') },
    ],
  });
  message.sign({ detached: true });
  return toPem(forge.asn1.toDer(message.toAsn1()).getBytes());
}

function oid(name: string): string {
  const value = forge.pki.oids[name];
  if (value === undefined) throw new Error(`node-forge knows no object identifier named ${name}`);
  return value;
}

/** RFC 7468 §9: the label is CMS. (node-forge would write the older PKCS7.) */
function toPem(der: string): string {
  const lines =
    Buffer.from(der, 'binary')
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CMS-----', ...lines, '-----END CMS-----', ''].join('\n');
}
