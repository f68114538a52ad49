import type { ServerOptions } from 'node:https';

/** What a process shows and whom it believes. PEM throughout. */
export interface TlsIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Server options for mutual TLS 1.3. `optional` lets a caller without a certificate connect, for the one route that gives
 * certificates out; routes with `peers` still refuse it.
 */
export function mutualTlsServerOptions(
  { ca, cert, key }: TlsIdentity,
  clientCertificate: 'required' | 'optional' = 'required',
): ServerOptions {
  return {
    ca,
    cert,
    key,
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: clientCertificate === 'required',
  };
}
