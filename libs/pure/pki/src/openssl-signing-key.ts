import { constants, createPrivateKey, createPublicKey, privateEncrypt } from 'node:crypto';
import forge from 'node-forge';

/** The DER of a DigestInfo for SHA-256, up to the 32 bytes of the digest itself (RFC 8017 §9.2, note 1). */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/**
 * An RSA private key as node-forge wants one for signing, whose arithmetic is OpenSSL's: some milliseconds in constant
 * time, where node-forge's own big integers take seconds.
 *
 * RSASSA-PKCS1-v1_5 with SHA-256 only: node-forge hands over a digest, which is wrapped and padded here.
 */
export function opensslSigningKey(privateKeyPem: string): forge.pki.rsa.PrivateKey {
  const key = createPrivateKey(privateKeyPem);
  const sign = (digest: forge.md.MessageDigest): string => {
    if (digest.algorithm !== 'sha256') throw new Error(`signing is with sha256, not ${digest.algorithm}`);
    const digestInfo = Buffer.concat([SHA256_DIGEST_INFO, Buffer.from(digest.digest().getBytes(), 'binary')]);
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo).toString('binary');
  };
  return { sign } as unknown as forge.pki.rsa.PrivateKey; // node-forge calls nothing else when it signs
}

/** The public part of a private key, for node-forge to put into a certificate or a request. */
export function publicPartOf(privateKeyPem: string): forge.pki.rsa.PublicKey {
  const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
  return forge.pki.publicKeyFromPem(spki);
}
