import { generateKeyPairSync } from 'node:crypto';
import type { DsseEnvelope } from '@castellan/contracts';
import { IN_TOTO_PAYLOAD_TYPE, keyIdOf, signEnvelope } from '@castellan/dsse';

/** A person with a real key. */
export class Signer {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly keyId = keyIdOf(this.#keys.publicKey);
  readonly publicPem = this.#keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  constructor(readonly name: string) {}

  sign(payload: Uint8Array): DsseEnvelope {
    const { signatures, ...rest } = signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, this.#keys.privateKey);
    return { ...rest, signatures: [...signatures] };
  }
}
