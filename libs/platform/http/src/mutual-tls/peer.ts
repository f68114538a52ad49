import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { peerRole } from '@castellan/pki';
import { HttpError } from '../http-error.js';

/** One of Castellan's own processes, as its certificate names it: spiffe://castellan/<role>/<name>. */
export interface Peer {
  readonly role: string;
  readonly name: string;
  /** Lowercase hex SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/** Who the certificate of an authority that was checked already is for; undefined when it names no process of ours. */
export function identityOf(certificate: X509Certificate): Peer | undefined {
  try {
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    return { ...peerRole(certificate), fingerprint };
  } catch {
    return undefined;
  }
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
