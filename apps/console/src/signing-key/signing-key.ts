import { webKeyId } from '@castellan/dsse/web';

/** A reviewer's key in this browser. The private part can be used here and never read, not by this page either. */
export interface SigningKey {
  readonly keyId: string;
  readonly keys: CryptoKeyPair;
  readonly createdAt: string;
}

/** Makes an ECDSA P-256 key whose private part can't be exported. */
export async function makeSigningKey(now: Date): Promise<SigningKey> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  return { keys, keyId: await webKeyId(keys.publicKey), createdAt: now.toISOString() };
}

/** PEM SubjectPublicKeyInfo, ending in a newline, as openssl writes it. */
export async function publicKeyPem({ keys }: SigningKey): Promise<string> {
  const der = new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey));
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}

/** The file that `castellan keys certify` takes. */
export function keyRequest(
  owner: { organization: string; name: string },
  key: SigningKey,
  pem: string,
): string {
  const request = {
    format: 'castellan.key-request/v1',
    organization: owner.organization,
    person: owner.name,
    keyId: key.keyId,
    publicKey: pem,
  };
  return `${JSON.stringify(request, null, 2)}\n`;
}
