import { Problem } from '@castellan/contracts';
import { CastellanError, type ErrorKind } from '@castellan/errors';
import type { Response } from 'undici';
import { HttpError } from '../http-error.js';
import { statusOfKind } from '../problem.js';
import type { MutualTlsFetch } from './mutual-tls-fetch.js';

export type PeerCall = (method: string, path: string, body?: unknown) => Promise<unknown>;

/**
 * JSON calls to one of our own processes. A problem+json answer is thrown again as the CastellanError that it was there:
 * same code, kind, detail and meta. An empty answer is undefined.
 */
export function peerCall(fetch: MutualTlsFetch, baseUrl: string): PeerCall {
  return async (method, path, body) => {
    const answer = await fetch(new URL(path, baseUrl), {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (answer.ok) return text === '' ? undefined : JSON.parse(text);
    throw peerRefusal(answer, text);
  };
}

/** The error that a process of ours answered with, for calls whose bodies are not JSON. */
export function peerRefusal(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  text: string,
): CastellanError {
  const retryAfter = headers.get('retry-after');
  const problem = Problem.safeParse(parsedOrUndefined(text));
  const kind = kindOf(status);
  if (!problem.success) {
    return new HttpError({
      code: 'peer_unavailable',
      kind: 'unavailable',
      publicDetail: `A process of ours answered ${status} without saying why.`,
    });
  }
  const { code, detail, meta, errors } = problem.data;
  return new CastellanError({
    code,
    kind,
    publicDetail: detail,
    ...(retryAfter === null ? {} : { retryAfterMs: Number(retryAfter) * 1000 }),
    ...(meta === undefined && errors === undefined ? {} : { meta: { ...meta, ...(errors && { errors }) } }),
  });
}

function kindOf(status: number): ErrorKind {
  const kinds = Object.entries(statusOfKind) as [ErrorKind, number][];
  return kinds.find(([, known]) => known === status)?.[0] ?? (status < 500 ? 'invalid' : 'internal');
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
