import type { FastifyRequest } from 'fastify';
import { AccessError } from '../access-error.js';
import type { CredentialKind } from '../credentials/secret.js';

export const sessionCookie = 'castellan_session';

export interface PresentedCredential {
  readonly secret: string;
  readonly kind: CredentialKind;
}

/** The parts of a request that say who is asking. */
export type CredentialHeaders = Pick<FastifyRequest, 'method' | 'headers'>;

/**
 * What the request shows: an API key (`Authorization: Bearer`, or Basic with the key as password for clients that know
 * nothing else), or a session cookie. A header wins over a cookie, and a bad one isn't made good by a cookie.
 * @throws `cross_site_request`
 */
export function presentedCredential(request: CredentialHeaders): PresentedCredential | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return { secret: keyIn(authorization), kind: 'api_key' };
  const secret = cookie(request, sessionCookie);
  if (secret === undefined) return undefined;
  assertSameSite(request);
  return { secret, kind: 'session' };
}

/** The key in an Authorization header, or '' which is nobody's. */
function keyIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.trim().split(/\s+/, 2);
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString('utf8');
      return pair.slice(pair.indexOf(':') + 1);
    }
    default:
      return '';
  }
}

export function cookie({ headers }: CredentialHeaders, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) || undefined;
}

/**
 * The cookie is SameSite=Strict; this is the second lock. A browser says where a request comes from: Sec-Fetch-Site, or
 * Origin in older ones. A request that says neither doesn't come from a web page.
 */
export function assertSameSite({ method, headers }: CredentialHeaders): void {
  const site = headers['sec-fetch-site'];
  const origin = headers.origin;
  const reads = method === 'GET' || method === 'HEAD';
  const ours =
    site !== undefined
      ? site === 'same-origin' || site === 'none'
      : origin === undefined || hostOf(origin) === headers.host;
  if (ours || reads) return;
  throw new AccessError({
    code: 'cross_site_request',
    kind: 'forbidden',
    publicDetail: 'A page of another site sent this request with your session.',
  });
}

function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host;
}
