import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { HttpError } from '../http-error.js';
import { identityOf } from './peer.js';

export interface MutualTlsOptions {
  readonly ca: string;
  /** Absent (with `key`): the call shows no certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** The role the server's certificate must name. Replaces the check of a host name, which says nothing about roles. */
  readonly expectRole: string;
  /** How long to wait for the answer's headers, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

export interface MutualTlsFetch {
  (url: string | URL, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/**
 * `fetch` to one of our own processes: the server must show a certificate of `ca` with the expected role.
 * @throws `peer_unavailable` when it can't be reached or shows another identity; then nothing of the request was sent.
 */
export function mutualTlsFetch({
  ca,
  cert,
  key,
  expectRole,
  timeoutMs = 30_000,
}: MutualTlsOptions): MutualTlsFetch {
  const agent = new Agent({
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    // A resumed session would skip the identity check below.
    maxCachedSessions: 0,
    connect: {
      ca,
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      minVersion: 'TLSv1.3',
      timeout: 10_000,
      checkServerIdentity: (_host: string, shown: PeerCertificate) => wrongRole(shown, expectRole),
    },
  });
  const call = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    try {
      return await fetch(url, { ...init, dispatcher: agent });
    } catch (cause) {
      if (init.signal?.aborted === true) throw cause;
      throw new HttpError({
        code: 'peer_unavailable',
        kind: 'unavailable',
        publicDetail: `The ${expectRole} does not answer.`,
        retryAfterMs: 1000,
        cause,
      });
    }
  };
  return Object.assign(call, { close: () => agent.close() });
}

function wrongRole(shown: PeerCertificate, expected: string): Error | undefined {
  const role = identityOf(new X509Certificate(shown.raw))?.role;
  return role === expected
    ? undefined
    : new Error(`expected a ${expected}, met ${role ?? 'somebody unknown'}`);
}
