import { createSecretKey, type KeyObject } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import type { Purpose, ReleaseResponse, SubjectKind } from '@castellan/contracts';
import { generateKeyPair, open } from '@castellan/hpke';
import type { KeybrokerClient } from './keybroker-client.js';

export interface ReleasedKeys {
  readonly release: ReleaseResponse;
  /** Data keys by id; they exist only here, as KeyObjects. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

export interface ReleaseQuestion {
  readonly purpose: Purpose;
  readonly subject: { readonly kind: SubjectKind; readonly id: string };
  readonly deployment?: string;
  /** `<role>/<name>` of the caller's certificate, bound into the sealing. */
  readonly peer: string;
}

const info = new TextEncoder().encode('castellan/release/v1');

/**
 * Asks the keybroker for a subject's data keys with a key pair made for this one question, and opens them.
 * @throws whatever the release refuses with; an answer sealed for another question does not open.
 */
export async function requestKeys(
  keybroker: KeybrokerClient,
  question: ReleaseQuestion,
): Promise<ReleasedKeys> {
  const { publicKey, privateKey } = generateKeyPair();
  const { purpose, subject, deployment, peer } = question;
  const release = await keybroker.release({
    purpose,
    subject: { kind: subject.kind, id: subject.id },
    ...(deployment === undefined ? {} : { deployment }),
    ephemeralPublicKey: Buffer.from(publicKey).toString('base64'),
  });
  const keys = new Map<string, KeyObject>();
  for (const { dataKeyId, enc, ciphertext } of release.keys) {
    const aad = new TextEncoder().encode(
      canonicalize({ purpose, subject: { kind: subject.kind, id: subject.id }, dataKeyId, peer }),
    );
    const raw = open(privateKey, Buffer.from(enc, 'base64'), info, aad, Buffer.from(ciphertext, 'base64'));
    keys.set(dataKeyId, createSecretKey(raw));
    raw.fill(0);
  }
  return { release, keys };
}
