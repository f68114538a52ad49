import { CastellanError } from '@castellan/errors';
import { ApiClient } from './api-client.js';
import { HttpConnection } from './http-connection.js';

const COOKIE = /(?:^|,\s*)(castellan_session=[^;,\s]+)/;

/**
 * Spends a one-time sign-in link and gives a client of the session that it opens.
 * @throws the api's refusal (`unauthenticated`) when the link was used, has expired or never was.
 */
export async function signIn(url: string, linkToken: string): Promise<ApiClient> {
  const response = await new HttpConnection({ url }).send('POST', '/api/v1/session', {
    json: { token: linkToken },
  });
  const [, cookie] = COOKIE.exec(response.headers.get('set-cookie') ?? '') ?? [];
  await response.body?.cancel();
  if (cookie === undefined)
    throw new CastellanError({
      code: 'answer_malformed',
      kind: 'internal',
      publicDetail: `${url} accepted the sign-in link and opened no session.`,
    });
  return new ApiClient({ url, cookie });
}

/** An API key of one's own, made in a session that ends with it. */
export async function keyFromLink(url: string, linkToken: string, label: string): Promise<string> {
  const session = await signIn(url, linkToken);
  const { id } = await session.me();
  const { secret } = await session.createCredential(id, { kind: 'api_key', label });
  await session.connection.send('DELETE', '/api/v1/session');
  return secret;
}

/** The secret inside a sign-in link, wherever the console puts it; undefined for what is no link. */
export function tokenOfLink(text: string): { readonly url: string; readonly token: string } | undefined {
  if (!URL.canParse(text)) return undefined;
  const link = new URL(text);
  const fragment = new URLSearchParams(link.hash.replace(/^#([^?]*\?)?/, ''));
  const token = link.searchParams.get('token') ?? fragment.get('token');
  return token === null ? undefined : { url: link.origin, token };
}
