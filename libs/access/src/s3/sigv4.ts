import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AccessError } from '../access-error.js';
import type { PresentedSignature, SignedHttpRequest } from './presented-signature.js';

/** What a request's own signature vouches for, and what signed chunks of its body go on from. */
export interface VerifiedSignature {
  readonly signature: string;
  readonly scope: string;
  readonly amzDate: string;
  readonly signingKey: Buffer;
}

const SKEW_MS = 15 * 60_000;

/**
 * Checks a request against the secret of the key that it names: AWS Signature Version 4 for S3, in a header
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). Path, query and all headers that it signs
 * are as they were sent; the body isn't looked at here, only what the request says of it. Compares in constant time.
 *
 * @throws request_time_skewed beyond a quarter of an hour; signature_mismatch
 */
export function verifySignature(
  request: SignedHttpRequest,
  presented: PresentedSignature,
  secret: string,
  now: Date,
): VerifiedSignature {
  const { amzDate, scope, signature } = presented;
  if (Math.abs(now.getTime() - presented.signedAt.getTime()) > SKEW_MS) throw timeSkewed(now);
  const signingKey = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
  const text = ['AWS4-HMAC-SHA256', amzDate, scope, sha256(canonicalRequest(request, presented))].join('\n');
  const expected = hmac(signingKey, text);
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) throw mismatch();
  return { signature, scope, amzDate, signingKey };
}

function canonicalRequest(request: SignedHttpRequest, presented: PresentedSignature): string {
  const { method, url } = request;
  const { headers, signedHeaders, payload } = presented;
  const [path = '', query = ''] = splitOnce(url, '?');
  const named = signedHeaders.map((name) => `${name}:${headers.get(name) ?? ''}\n`).join('');
  return [method, recoded(path, '/'), canonicalQuery(query), named, signedHeaders.join(';'), payload].join(
    '\n',
  );
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '');
  const coded = pairs.map((pair) => {
    const [name = '', value = ''] = splitOnce(pair, '=');
    return [recoded(name), recoded(value)] as const;
  });
  return coded
    .toSorted(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Percent-encoded once, as RFC 3986 has it, however the sender did. */
function recoded(text: string, between = ''): string {
  const parts = between === '' ? [text] : text.split(between);
  return parts.map((part) => encoded(decoded(part))).join(between);
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw mismatch();
  }
}

function splitOnce(text: string, at: string): [string, string] {
  const place = text.indexOf(at);
  return place < 0 ? [text, ''] : [text.slice(0, place), text.slice(place + 1)];
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

function mismatch(): AccessError {
  return new AccessError({
    code: 'signature_mismatch',
    kind: 'unauthenticated',
    publicDetail:
      'The signature of this request is not the one that its secret key makes. ' +
      'Check the secret ("castellan s3 key"), and that nothing on the way changed the request.',
  });
}

function timeSkewed(now: Date): AccessError {
  return new AccessError({
    code: 'request_time_skewed',
    kind: 'unauthenticated',
    publicDetail: `The request was signed more than a quarter of an hour from now; it is ${now.toISOString()} here.`,
  });
}
