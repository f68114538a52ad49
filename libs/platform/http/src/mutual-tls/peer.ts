import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { HttpError } from '../http-error.js';

/** One of Castellan's own processes, as its certificate names it: spiffe://castellan/<role>/<name>. */
export interface Peer {
  readonly role: string;
  readonly name: string;
  /** Lowercase hex SHA-256 of the certificate. */
  readonly fingerprint: string;
}

const identityUri = /^URI:spiffe:\/\/castellan\/([a-z][a-z0-9-]{0,30})\/([a-z0-9-]{1,40})$/;

/**
 * The identity in a certificate, or undefined. Exactly one URI is accepted, so that no second one can be argued about.
 * Says nothing about who signed the certificate: that is for the TLS handshake.
 */
export function identityOf(certificate: X509Certificate): Peer | undefined {
  const uris = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  const [, role, name] = (uris.length === 1 ? identityUri.exec(uris[0] ?? '') : null) ?? [];
  if (role === undefined || name === undefined) return undefined;
  return { role, name, fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase() };
}

/** Who is at the other end of a socket whose certificate our CA signed; undefined for everybody else. */
export function peerOf(socket: Socket): Peer | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : identityOf(certificate);
}

/** @throws `peer_required` without a certificate of ours, `peer_forbidden` with one of another role */
export function assertPeer(socket: Socket, roles: readonly string[]): Peer {
  const peer = peerOf(socket);
  if (peer === undefined) {
    throw new HttpError({
      code: 'peer_required',
      kind: 'unauthenticated',
      publicDetail: 'This address answers only processes with a certificate of this platform.',
    });
  }
  if (roles.includes(peer.role)) return peer;
  throw new HttpError({
    code: 'peer_forbidden',
    kind: 'forbidden',
    publicDetail: `This address does not answer a ${peer.role}.`,
  });
}
