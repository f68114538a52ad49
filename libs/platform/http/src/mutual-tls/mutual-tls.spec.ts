import { createServer, type Server } from 'node:https';
import { connect } from 'node:tls';
import { CertificateAuthority, createCsr } from '@castellan/pki';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { CastellanError } from '@castellan/errors';
import { z } from 'zod';
import {
  createHttpApp,
  CurrentPeer,
  Endpoint,
  mutualTlsFetch,
  mutualTlsServerOptions,
  peerCall,
  type HttpApp,
  type Peer,
  type TlsIdentity,
} from '../index.js';

const Question = z.object({ text: z.string() });

@Controller('vault')
class VaultController {
  @Get('whoami')
  @Endpoint({ peers: ['api', 'worker'], summary: 'Who is calling' })
  whoami(@CurrentPeer() { role, name }: Peer): unknown {
    return { role, name };
  }

  @Post('refuse')
  @Endpoint({ peers: ['api'], summary: 'Always no', input: Question, status: 204 })
  refuse(@Body() { text }: z.infer<typeof Question>): void {
    throw new CastellanError({
      code: 'release_refused',
      kind: 'forbidden',
      publicDetail: `Not ${text}.`,
      meta: { reasons: [{ code: 'quorum_missing' }] },
    });
  }

  @Get('open')
  @Endpoint({ public: 'a test', summary: 'For anybody' })
  open(): unknown {
    return { open: true };
  }
}
@Module({ controllers: [VaultController] })
class VaultModule {}

async function certified(authority: CertificateAuthority, role: string, name: string): Promise<TlsIdentity> {
  const { csrPem, privateKeyPem } = await createCsr(name);
  const cert = authority.signCsr(csrPem, { role, name, ttlMs: 3_600_000, now: new Date() });
  return { ca: authority.certificatePem, cert, key: privateKeyPem };
}

describe('mutual TLS', () => {
  let ours: CertificateAuthority;
  let theirs: CertificateAuthority;
  let api: TlsIdentity;
  let app: HttpApp;
  let url: string;
  const open: { close(): Promise<void> }[] = [];
  const calling = (identity: Partial<TlsIdentity> & { ca: string }, expectRole = 'keybroker') => {
    const fetch = mutualTlsFetch({ ...identity, expectRole });
    open.push(fetch);
    return peerCall(fetch, url);
  };

  beforeAll(async () => {
    const terms = { commonName: 'test', ttlMs: 3_600_000, now: new Date() };
    [ours, theirs] = await Promise.all([
      CertificateAuthority.create(terms),
      CertificateAuthority.create(terms),
    ]);
    api = await certified(ours, 'api', 'main');
    const tls = mutualTlsServerOptions(await certified(ours, 'keybroker', 'main'), 'optional');
    app = await createHttpApp(VaultModule, { tls, logger: false });
    ({ url } = await app.listen({ port: 0 }));
  });
  afterAll(async () => {
    await Promise.all(open.map((fetch) => fetch.close()));
    await app.close();
  });

  it('tells a route which process calls', async () => {
    await expect(calling(api)('GET', '/vault/whoami')).resolves.toEqual({ role: 'api', name: 'main' });
  });

  it('throws a refusal again as what it was on the other side', async () => {
    await expect(calling(api)('POST', '/vault/refuse', { text: 'today' })).rejects.toMatchObject({
      code: 'release_refused',
      kind: 'forbidden',
      publicDetail: 'Not today.',
      meta: { reasons: [{ code: 'quorum_missing' }] },
    });
    await expect(calling(api)('POST', '/vault/refuse', {})).rejects.toMatchObject({
      code: 'request_invalid',
      kind: 'invalid',
      meta: { errors: [{ path: 'text' }] },
    });
  });

  it('refuses a process of another role', async () => {
    const gateway = await certified(ours, 'gateway', 'main');
    await expect(calling(gateway)('GET', '/vault/whoami')).rejects.toMatchObject({
      code: 'peer_forbidden',
      kind: 'forbidden',
    });
  });

  it('refuses a caller without a certificate, but not on a public route', async () => {
    const nobody = calling({ ca: ours.certificatePem });
    await expect(nobody('GET', '/vault/open')).resolves.toEqual({ open: true });
    await expect(nobody('GET', '/vault/whoami')).rejects.toMatchObject({
      code: 'peer_required',
      kind: 'unauthenticated',
    });
  });

  it('takes a certificate of another authority for none', async () => {
    const { cert, key } = await certified(theirs, 'api', 'main');
    const impostor = calling({ ca: ours.certificatePem, cert, key });
    await expect(impostor('GET', '/vault/whoami')).rejects.toMatchObject({ code: 'peer_required' });
  });

  it('takes a certificate that has ended for none', async () => {
    const { csrPem, privateKeyPem } = await createCsr('main');
    const now = new Date(Date.now() - 86_400_000);
    const cert = ours.signCsr(csrPem, { role: 'api', name: 'main', ttlMs: 1000, now });
    const late = calling({ ca: ours.certificatePem, cert, key: privateKeyPem });
    await expect(late('GET', '/vault/whoami')).rejects.toMatchObject({ code: 'peer_required' });
  });

  it('says nothing to a server of another role or another authority', async () => {
    await expect(calling(api, 'worker')('GET', '/vault/open')).rejects.toMatchObject({
      code: 'peer_unavailable',
    });
    const misled = calling({ ...api, ca: theirs.certificatePem });
    await expect(misled('GET', '/vault/open')).rejects.toMatchObject({
      code: 'peer_unavailable',
      kind: 'unavailable',
    });
  });

  it('speaks TLS 1.3 only', async () => {
    const port = Number(new URL(url).port);
    const attempt = new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca: ours.certificatePem, maxVersion: 'TLSv1.2' });
      socket.once('error', reject);
      socket.once('secureConnect', resolve);
    });
    await expect(attempt).rejects.toMatchObject({ code: expect.stringContaining('ALERT_PROTOCOL_VERSION') });
  });

  describe('when the server requires certificates', () => {
    let strict: Server;
    let strictUrl: string;
    beforeAll(async () => {
      const identity = await certified(ours, 'worker', 'cpu-0');
      strict = createServer(mutualTlsServerOptions(identity), (_request, response) => response.end('{}'));
      await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve));
      const address = strict.address();
      strictUrl = `https://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    });
    afterAll(() => void strict.close());

    it('ends the conversation with everybody else before the first byte', async () => {
      const nobody = mutualTlsFetch({ ca: ours.certificatePem, expectRole: 'worker' });
      const member = mutualTlsFetch({ ...api, expectRole: 'worker' });
      open.push(nobody, member);
      await expect(nobody(strictUrl)).rejects.toMatchObject({ code: 'peer_unavailable' });
      await expect(member(strictUrl).then(({ status }) => status)).resolves.toBe(200);
    });
  });
});
