import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CertificateAuthority,
  cmsSign,
  createCsr,
  peerRole,
  spiffeId,
  type CertificateRequest,
} from './index.js';

const HOUR_MS = 3_600_000;
const now = new Date();
const worker = { role: 'worker', name: 'cpu-0', ttlMs: HOUR_MS, now };

let authority: CertificateAuthority;
let request: CertificateRequest;
let peerPem: string;

beforeAll(async () => {
  authority = await CertificateAuthority.create({ commonName: 'Castellan test', ttlMs: 24 * HOUR_MS, now });
  request = await createCsr('cpu-0');
  peerPem = authority.signCsr(request.csrPem, worker);
});

describe('a certificate for a process', () => {
  it('carries its role and name, the local names, and both TLS purposes', () => {
    const certificate = new X509Certificate(peerPem);
    expect(peerRole(certificate)).toEqual({ role: 'worker', name: 'cpu-0' });
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBeDefined();
    expect(certificate.checkHost('example.com')).toBeUndefined();
    expect(certificate.keyUsage).toEqual(expect.arrayContaining(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']));
    expect(certificate.ca).toBe(false);
  });

  it('is signed by the authority for the key that asked', () => {
    const certificate = new X509Certificate(peerPem);
    const issuer = new X509Certificate(authority.certificatePem);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(request.privateKeyPem))).toBe(true);
  });

  it('already holds on a clock that is minutes behind, and ends after its time to live', () => {
    const certificate = new X509Certificate(peerPem);
    expect(Date.parse(certificate.validFrom)).toBeLessThanOrEqual(now.getTime() - 4 * 60_000);
    expect(Math.abs(Date.parse(certificate.validTo) - now.getTime() - HOUR_MS)).toBeLessThan(1000);
  });

  it('never outlives the authority', () => {
    const long = authority.signCsr(request.csrPem, { ...worker, ttlMs: 1000 * HOUR_MS });
    expect(new X509Certificate(long).validTo).toBe(new X509Certificate(authority.certificatePem).validTo);
  });

  it('belongs to its own authority, when a process makes two', async () => {
    const other = await CertificateAuthority.create({ commonName: 'Another', ttlMs: HOUR_MS, now });
    const issuer = new X509Certificate(other.certificatePem);
    expect(new X509Certificate(other.signCsr(request.csrPem, worker)).checkIssued(issuer)).toBe(true);
  });

  it('has a serial number of its own', () => {
    const again = authority.signCsr(request.csrPem, worker);
    expect(new X509Certificate(again).serialNumber).not.toBe(new X509Certificate(peerPem).serialNumber);
  });

  it('says nothing that the request asked for', async () => {
    const sly = await createCsr('keybroker');
    const certificate = new X509Certificate(authority.signCsr(sly.csrPem, worker));
    expect(certificate.subject).toBe('CN=cpu-0');
  });
});

describe('a request that is not in order', () => {
  it.each(['', 'noise', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'])(
    'is refused with our own error: %j',
    (csr) => {
      expect(() => authority.signCsr(csr, worker)).toThrow(expect.objectContaining({ code: 'csr_invalid' }));
    },
  );

  it('is refused when its signature is not by its own key', () => {
    const der = Buffer.from(request.csrPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    const broken = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(() => authority.signCsr(broken, worker)).toThrow(expect.objectContaining({ code: 'csr_invalid' }));
  });

  it('is refused for a role or name that could pass for something else', () => {
    for (const identity of [
      { role: 'worker/x' },
      { name: '../jobs' },
      { name: '' },
      { name: 'a, URI:spiffe:x' },
    ]) {
      expect(() => authority.signCsr(request.csrPem, { ...worker, ...identity })).toThrow(
        expect.objectContaining({ code: 'identity_invalid' }),
      );
    }
  });
});

describe('reading who a peer is', () => {
  it('needs one Castellan identity', () => {
    expect(() => peerRole(new X509Certificate(authority.certificatePem))).toThrow(
      expect.objectContaining({ code: 'peer_unidentified' }),
    );
    expect(spiffeId({ role: 'jobs', name: 'main' })).toBe('spiffe://castellan/jobs/main');
  });
});

describe('an authority', () => {
  it('continues after it was stored and loaded', () => {
    const loaded = CertificateAuthority.load(authority.certificatePem, authority.privateKeyPem);
    const certificate = new X509Certificate(loaded.signCsr(request.csrPem, worker));
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
  });

  it('is not loaded with another key, with a process’s certificate, or from noise', () => {
    const attempts: [string, string][] = [
      [authority.certificatePem, request.privateKeyPem],
      [peerPem, request.privateKeyPem],
      ['noise', authority.privateKeyPem],
    ];
    for (const [certificate, key] of attempts) {
      expect(() => CertificateAuthority.load(certificate, key)).toThrow(
        expect.objectContaining({ code: 'authority_invalid' }),
      );
    }
  });
});

describe('mutual TLS with these certificates', () => {
  async function handshake(client: { cert?: string; key?: string }): Promise<string> {
    const server = createServer({
      cert: peerPem,
      key: request.privateKeyPem,
      ca: authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const seen = new Promise<string>((resolve) => {
      server.once('secureConnection', (socket: TLSSocket) => {
        socket.on('error', () => undefined);
        const certificate = socket.getPeerX509Certificate();
        resolve(certificate === undefined ? 'nobody' : spiffeId(peerRole(certificate)));
        socket.end();
      });
      server.once('tlsClientError', () => resolve('refused'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: authority.certificatePem,
      ...client,
    });
    socket.on('error', () => undefined);
    const result = await seen;
    socket.destroy();
    server.close();
    return result;
  }

  it('tells the server who the client is', async () => {
    const jobs = await createCsr('main');
    const cert = authority.signCsr(jobs.csrPem, { ...worker, role: 'jobs', name: 'main' });
    expect(await handshake({ cert, key: jobs.privateKeyPem })).toBe('spiffe://castellan/jobs/main');
  });

  it('refuses a client of another authority, none at all, an expired one, and the signer of exports', async () => {
    const other = await CertificateAuthority.create({ commonName: 'Castellan test', ttlMs: HOUR_MS, now });
    const key = request.privateKeyPem;
    expect(await handshake({})).toBe('refused');
    expect(await handshake({ cert: other.signCsr(request.csrPem, worker), key })).toBe('refused');
    const past = new Date(now.getTime() - 3 * HOUR_MS);
    expect(await handshake({ cert: authority.signCsr(request.csrPem, { ...worker, now: past }), key })).toBe(
      'refused',
    );
    const signer = authority.signExportSignerCsr(request.csrPem, { commonName: 'exports', now });
    expect(await handshake({ cert: signer, key })).toBe('refused');
  });
});

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' });
if (openssl.error !== undefined)
  console.warn(`CMS is not checked with openssl here: ${openssl.error.message}`);
const withOpenssl = openssl.error === undefined ? describe : describe.skip;

withOpenssl('a CMS signature, checked by the openssl program', () => {
  const content = Buffer.from('e3b0c442  README.txt\r\n\u0000binary \u00ff stays as it is\n');
  let folder: string;
  let signer: { certificatePem: string; privateKeyPem: string };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'castellan-cms-'));
    const certificatePem = authority.signExportSignerCsr(request.csrPem, { commonName: 'exports', now });
    signer = { certificatePem, privateKeyPem: request.privateKeyPem };
    writeFileSync(join(folder, 'ca.pem'), authority.certificatePem);
    writeFileSync(join(folder, 'SHA256SUMS'), content);
    writeFileSync(join(folder, 'SHA256SUMS.cms'), cmsSign(content, signer, now));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function verify(signature: string, file: string): { ok: boolean; said: string } {
    const args = ['cms', '-verify', '-binary', '-inform', 'PEM', '-in', signature, '-content', file];
    const run = spawnSync('openssl', [...args, '-CAfile', 'ca.pem', '-out', 'out'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { ok: run.status === 0, said: run.stderr };
  }

  it('verifies over exactly these bytes', () => {
    expect(verify('SHA256SUMS.cms', 'SHA256SUMS')).toEqual({
      ok: true,
      said: expect.stringMatching(/successful/i),
    });
  });

  it('does not verify over any other bytes', () => {
    writeFileSync(join(folder, 'other'), Buffer.concat([content, Buffer.from(' ')]));
    expect(verify('SHA256SUMS.cms', 'other').ok).toBe(false);
  });

  it('does not verify when a process’s certificate signed it', () => {
    const byPeer = cmsSign(content, { certificatePem: peerPem, privateKeyPem: request.privateKeyPem }, now);
    writeFileSync(join(folder, 'peer.cms'), byPeer);
    expect(verify('peer.cms', 'SHA256SUMS').ok).toBe(false);
  });

  it('says when it was made', () => {
    const args = ['cms', '-cmsout', '-print', '-inform', 'PEM', '-in', join(folder, 'SHA256SUMS.cms')];
    const printed = execFileSync('openssl', args, { encoding: 'utf8' });
    expect(printed).toContain('signingTime');
    expect(printed).toContain(String(now.getUTCFullYear()));
    expect(printed).toContain('sha256');
  });

  it('names a chain that openssl accepts for TLS in both directions', () => {
    writeFileSync(join(folder, 'peer.pem'), peerPem);
    for (const purpose of ['sslclient', 'sslserver']) {
      const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.pem', 'peer.pem'];
      expect(execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' })).toBe('peer.pem: OK\n');
    }
  });
});
