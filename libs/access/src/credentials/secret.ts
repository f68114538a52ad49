import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a bearer secret is for; its first letters say so, to people and to secret scanners. */
export type CredentialKind = 'api_key' | 'session' | 'sign_in_link';

const prefixes = { api_key: 'cst', session: 'css', sign_in_link: 'csl' } as const satisfies Record<
  CredentialKind,
  string
>;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomLength = 30;
const checksumLength = 6;
const shape = /^(cst|css|csl)_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/**
 * A new bearer secret: `cst_` + 30 random base62 characters (178 bits) + CRC-32 of those in 6 base62 characters. The
 * checksum is no security: it lets a mistyped or invented key be refused without a look at the database.
 */
export function newSecret(kind: CredentialKind): string {
  const random = Array.from({ length: randomLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${prefixes[kind]}_${random}${checksum(random)}`;
}

/** Whether the text could have come from `newSecret(kind)`. */
export function isWellFormed(secret: string, kind: CredentialKind): boolean {
  const [, prefix, random, check] = shape.exec(secret) ?? [];
  return random !== undefined && prefix === prefixes[kind] && check === checksum(random);
}

/**
 * What is kept of a secret. A plain hash is enough for 178 random bits (ASVS 5.0, 6.5.2), and looking rows up by it tells
 * nothing by its timing: who doesn't know the secret can't steer its digest.
 */
export function secretHash(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret, 'utf8').digest());
}

function checksum(random: string): string {
  let rest = crc32(random);
  let text = '';
  for (let place = 0; place < checksumLength; place++) {
    text = `${alphabet[rest % alphabet.length]}${text}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}
