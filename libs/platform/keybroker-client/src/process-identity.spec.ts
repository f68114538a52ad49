import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { EnrollRequest } from '@castellan/contracts';
import { mutualTlsServerOptions, peerOf } from '@castellan/http';
import { CertificateAuthority, createCsr } from '@castellan/pki';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProcessIdentity, type Enrolment } from './index.js';

const joinToken = 'a join token for the gateway';
const hour = 3_600_000;

/** A keybroker that only enrols, and tells whoever calls who they are. */
async function broker(authority: CertificateAuthority, ttlMs = hour): Promise<Server> {
  const { csrPem, privateKeyPem } = await createCsr('keybroker');
  const now = new Date();
  const terms = { role: 'keybroker', name: 'broker', ttlMs: hour, now };
  const tls = {
    ca: authority.certificatePem,
    cert: authority.signCsr(csrPem, terms),
    key: privateKeyPem,
  };
  const server = createServer(mutualTlsServerOptions(tls, 'optional'), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url !== '/v1/enroll') {
        const { role, name } = peerOf(request.socket) ?? {};
        return response.end(JSON.stringify({ role, name }));
      }
      const { token, csr, role, name } = EnrollRequest.parse(JSON.parse(Buffer.concat(chunks).toString()));
      if (token !== joinToken) {
        response.writeHead(401, { 'content-type': 'application/problem+json' });
        return response.end(
          JSON.stringify({ type: 'x', title: 'x', status: 401, code: 'token_invalid', detail: 'No.' }),
        );
      }
      const certificate = authority.signCsr(csr, { role, name, ttlMs, now });
      return response.end(JSON.stringify({ certificate, ca: authority.certificatePem }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe('ProcessIdentity', () => {
  let authority: CertificateAuthority;
  let server: Server;
  let enrolment: Enrolment;
  const enrolled: ProcessIdentity[] = [];

  beforeAll(async () => {
    const terms = { commonName: 'Test platform', ttlMs: 24 * hour, now: new Date() };
    authority = await CertificateAuthority.create(terms);
    server = await broker(authority);
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    enrolment = { url, ca: authority.certificatePem, joinToken, role: 'gateway', name: 'gateway-0' };
  });
  afterAll(async () => {
    await Promise.all(enrolled.map((identity) => identity.close()));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function enroll(change: Partial<Enrolment> = {}): Promise<ProcessIdentity> {
    const identity = await ProcessIdentity.enroll({ ...enrolment, ...change }, 0);
    enrolled.push(identity);
    return identity;
  }

  it('shows its own role and name to whoever it calls', async () => {
    const identity = await enroll();
    const answer = await identity.fetch('keybroker')(enrolment.url);
    expect(await answer.json()).toEqual({ role: 'gateway', name: 'gateway-0' });
    expect(identity.peer).toBe('gateway/gateway-0');
  });

  it('calls nobody whose role is another', async () => {
    const identity = await enroll();
    await expect(identity.fetch('worker')(enrolment.url)).rejects.toMatchObject({ code: 'peer_unavailable' });
  });

  it('makes a new key each time', async () => {
    const [one, other] = [await enroll(), await enroll()];
    expect(one.tls.key).not.toBe(other.tls.key);
  });

  it('is refused in the words of the keybroker', async () => {
    await expect(enroll({ joinToken: 'another token altogether' })).rejects.toMatchObject({
      code: 'token_invalid',
      kind: 'unauthenticated',
    });
  });

  it('gives its token to nobody but a keybroker of the authority', async () => {
    const impostors = await CertificateAuthority.create({
      commonName: 'Impostor',
      ttlMs: hour,
      now: new Date(),
    });
    await expect(enroll({ ca: impostors.certificatePem })).rejects.toMatchObject({
      code: 'peer_unavailable',
    });
  });
});
