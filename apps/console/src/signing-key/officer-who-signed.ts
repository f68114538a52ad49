import type { TrustRoot } from '@castellan/contracts';
import { type Envelope, webVerifyEnvelope } from '@castellan/dsse/web';

/** The name of a pinned officer whose key verifies on this envelope; undefined when none does. */
export async function officerWhoSigned(
  envelope: Envelope,
  { officers }: TrustRoot,
): Promise<string | undefined> {
  for (const { name, publicKey } of officers) {
    if (await webVerifyEnvelope(envelope, await importPublicKey(publicKey)).catch(() => false)) return name;
  }
  return undefined;
}

async function importPublicKey(pem: string): Promise<CryptoKey> {
  const der = Uint8Array.from(atob(pem.replaceAll(/-----[^-]+-----|\s/g, '')), (each) => each.charCodeAt(0));
  return crypto.subtle.importKey('spki', der, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
}
