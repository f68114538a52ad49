import { ReadableStream } from 'node:stream/web';
import { isNativeError } from 'node:util/types';
import { CastellanError } from '@castellan/errors';
import type { z } from 'zod';
import { problemError } from './problem-error.js';

export interface ConnectionOptions {
  /** Origin, and a path prefix where a proxy adds one. */
  readonly url: string;
  /** API key, sent as a bearer token. */
  readonly token?: string;
  /** Cookie header, for a signed-in session instead of a key. */
  readonly cookie?: string;
}

export interface Sending {
  readonly json?: unknown;
  /** A body that is not JSON; a stream is sent chunked. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * One server. Every failure is a CastellanError: the server's own problem, `server_unreachable` (kind unavailable) when
 * nothing answers, `connection_cut` (kind unavailable) when the connection breaks, `answer_malformed` for what isn't ours.
 */
export class HttpConnection {
  constructor(readonly options: ConnectionOptions) {}

  /** Sends and reads a JSON answer. */
  async json<S extends z.ZodType>(
    schema: S,
    method: string,
    path: string,
    sending: Sending = {},
  ): Promise<z.infer<S>> {
    const response = await this.send(method, path, sending);
    const answer = await readJson(response);
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw malformed(`${method} ${path} answered what this release can't read`, parsed.error);
  }

  /** Sends and expects success; the body is the caller's to read. */
  async send(method: string, path: string, sending: Sending = {}): Promise<Response> {
    const response = await this.raw(method, path, sending);
    if (response.ok) return response;
    throw await problemError(response);
  }

  /** Sends and gives back whatever the server says, a refusal too. */
  async raw(method: string, path: string, sending: Sending = {}): Promise<Response> {
    const { url } = this.options;
    const body = sending.json === undefined ? sending.body : JSON.stringify(sending.json);
    try {
      return await fetch(`${url.replace(/\/$/, '')}${path}`, {
        method,
        headers: this.#headers(sending),
        redirect: 'error',
        ...(sending.signal && { signal: sending.signal }),
        ...(body !== undefined && { body }),
        ...(body instanceof ReadableStream && { duplex: 'half' }),
      });
    } catch (cause) {
      throw connectionError(url, cause);
    }
  }

  #headers(sending: Sending): Record<string, string> {
    const { token, cookie } = this.options;
    const contentType = sending.contentType ?? (sending.json === undefined ? undefined : 'application/json');
    return {
      accept: sending.accept ?? 'application/json',
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie !== undefined && { cookie }),
      ...sending.headers,
    };
  }
}

async function readJson(response: Response): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    throw connectionError(response.url, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(`${response.url} answered something that is not JSON`, cause);
  }
}

function malformed(detail: string, cause: unknown): CastellanError {
  return new CastellanError({
    code: 'answer_malformed',
    kind: 'internal',
    publicDetail: `${detail}. Is that a Castellan server of the same release?`,
    cause,
  });
}

/** fetch hides the reason in `cause`. What isn't fetch's (an abort, an error of the body's own source) passes as it is. */
function connectionError(url: string, error: unknown): unknown {
  if (!isNativeError(error) || error instanceof CastellanError) return error;
  const code = reasonCode(error);
  const never = code !== undefined && NEVER_REACHED.has(code);
  return new CastellanError({
    code: never ? 'server_unreachable' : 'connection_cut',
    kind: 'unavailable',
    publicDetail: never
      ? `Nothing answers at ${url} (${code}).`
      : `The connection to ${url} broke (${code ?? error.message}).`,
    cause: error,
  });
}

const NEVER_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

function reasonCode(error: Error): string | undefined {
  for (let at: unknown = error; isNativeError(at); at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}
