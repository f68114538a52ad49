import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateAuthority, createCsr } from '@castellan/pki';
import { formatCheckpoint, openCheckpoint, VerifierKey } from '@castellan/signed-note';
import { leafHash, rootOf } from '@castellan/merkle-log';
import { LocalKms } from '@castellan/kms';
import { openState } from './state/state-folder.js';
import { readOfficers } from './root/pinned-officers.js';
import { BrokerScene, codeOf, Signer, type Process, type Role } from './testing.js';

let scene: BrokerScene;
let api: Process;
let jobs: Process;
const everyRole: Role[] = ['api', 'gateway', 'worker', 'jobs'];

beforeAll(async () => {
  scene = await BrokerScene.open({ releasesPerMinute: 8 });
  api = await scene.enroll('api');
  jobs = await scene.enroll('jobs');
});
afterAll(() => scene[Symbol.asyncDispose]());

const brokerFolder = () => join(scene.folder, 'broker');

describe('getting in', () => {
  it('takes the join token of the role', async () => {
    expect(await codeOf(scene.enroll('worker', 'cpu-9', 'join token of api'))).toBe('enrollment_refused');
    expect(await codeOf(scene.enroll('worker', 'cpu-9', ''))).toBe('enrollment_refused');
    expect(await codeOf(scene.enroll('worker', 'cpu-9'))).toBeUndefined();
    expect(await scene.actions()).toEqual(expect.arrayContaining(['process.enrolled', 'process.refused']));
  });

  it('can not be tried without end, and those with a token are not held up', async () => {
    const attempts = Array.from({ length: 20 }, () => codeOf(scene.enroll('worker', 'cpu-9', 'guess')));
    expect(await Promise.all(attempts)).toContain('request_rate_exceeded');
    expect(await codeOf(scene.enroll('worker', 'cpu-9'))).toBeUndefined();
    expect((await scene.actions()).filter((action) => action === 'process.refused').length).toBeLessThan(20);
  });

  it('makes nobody a keybroker', async () => {
    const stranger = await scene.connect();
    const { csrPem: csr } = await createCsr('main');
    const asked = stranger('POST', '/v1/enroll', {
      role: 'keybroker',
      name: 'main',
      csr,
      token: 'join token of api',
    });
    expect(await codeOf(asked)).toBe('request_invalid');
  });

  it('refuses a request that is not one', async () => {
    const stranger = await scene.connect();
    const body = { role: 'api', name: 'main', csr: 'noise', token: 'join token of api' };
    expect(await codeOf(stranger('POST', '/v1/enroll', body))).toBe('csr_invalid');
  });
});

describe('what S3 clients sign with', () => {
  it('is the same for an API key each time, another for each, and recorded', async () => {
    const [one, other] = ['1', '2'].map((digit) => `00000000-0000-7000-8000-00000000000${digit}`);
    const secrets = await Promise.all([one, one, other].map((id) => api.client.s3Secret(id ?? '')));
    expect(secrets[0]).toMatch(/^[\w-]{43}$/);
    expect(new Set(secrets).size).toBe(2);
    expect(secrets[1]).toBe(secrets[0]);
    expect(await scene.actions()).toContain('s3-secret.derived');
  });
});

describe('every route but enrolment', () => {
  const id = '00000000-0000-7000-8000-000000000000';
  const envelope = { payload: '', payloadType: 'x', signatures: [{ sig: 'AA==', keyid: '' }] };
  const release = { purpose: 'serve', subject: { kind: 'version', id }, ephemeralPublicKey: 'AA==' };
  const checkpoint = { oldSize: '0', proof: [], checkpoint: '' };
  const routes: [Role[], 'GET' | 'POST', string, unknown][] = [
    [['api', 'jobs'], 'POST', '/v1/keks', { projectId: id }],
    [['api'], 'POST', '/v1/documents', { envelope }],
    [['api', 'gateway', 'jobs'], 'POST', '/v1/evaluations', { versionId: id }],
    [['api', 'jobs'], 'POST', '/v1/data-evaluations', { taskId: id }],
    [['api', 'worker', 'jobs'], 'POST', '/v1/release', release],
    [['worker', 'jobs'], 'POST', `/v1/leases/${id}/renew`, {}],
    [['jobs'], 'POST', '/v1/checkpoints', checkpoint],
    [['jobs'], 'GET', '/v1/checkpoints/last', undefined],
    [['jobs'], 'POST', '/v1/expiry-permits', { leaves: '0' }],
    [everyRole, 'GET', '/v1/trust', undefined],
    [['api', 'jobs'], 'POST', '/v1/cms', { content: 'AA==' }],
    [['api'], 'POST', '/v1/s3-secrets', { credentialId: id }],
  ];

  it('refuses who shows no certificate', async () => {
    const stranger = await scene.connect();
    for (const [, method, path, body] of routes) {
      expect([path, await codeOf(stranger(method, path, body))]).toEqual([path, 'peer_required']);
    }
  });

  it('refuses a certificate of another authority, under the same name', async () => {
    const authority = await CertificateAuthority.create({
      commonName: 'Castellan platform authority',
      ttlMs: 3_600_000,
      now: new Date(),
    });
    const { csrPem, privateKeyPem: key } = await createCsr('main');
    const cert = authority.signCsr(csrPem, { role: 'api', name: 'main', ttlMs: 3_600_000, now: new Date() });
    const impostor = await scene.connect({ cert, key });
    for (const [, method, path, body] of routes) {
      expect([path, await codeOf(impostor(method, path, body))]).toEqual([path, 'peer_required']);
    }
  });

  it('answers only the roles it is for', async () => {
    for (const role of everyRole) {
      const { call } = await scene.enroll(role, 'role-check');
      for (const [allowed, method, path, body] of routes) {
        const code = await codeOf(call(method, path, body));
        expect([role, path, code === 'peer_forbidden']).toEqual([role, path, !allowed.includes(role)]);
      }
    }
  });
});

describe('documents', () => {
  it('take effect when an officer signed them, and are idempotent', async () => {
    const policy = scene.officer.sign(scene.policy(1));
    const first = await api.client.honour(policy);
    expect(first).toMatchObject({ kind: 'policy', organization: 'acme', project: scene.project });
    expect(await api.client.honour(policy)).toEqual(first);
    expect((await api.client.trust()).policies).toEqual([policy]);
    expect((await scene.actions()).filter((action) => action === 'document.honoured')).toHaveLength(1);
  });

  it('of strangers are refused, recorded, and change nothing', async () => {
    const before = await api.client.trust();
    const mallory = new Signer('mallory');
    expect(await codeOf(api.client.honour(mallory.sign(scene.policy(2))))).toBe('signer_not_officer');
    expect(await codeOf(api.client.honour(mallory.sign(scene.certificate(mallory))))).toBe(
      'signer_not_officer',
    );
    expect(await codeOf(api.client.honour(mallory.sign(scene.revocation('ab'.repeat(32), 'mallory'))))).toBe(
      'reviewer_untrusted',
    );
    expect(await api.client.trust()).toEqual(before);
    expect(await scene.actions()).toContain('document.refused');
  });

  it('an older policy is never honoured again, nor another of the same version', async () => {
    const old = scene.officer.sign(scene.policy(1));
    await api.client.honour(scene.officer.sign(scene.policy(3)));
    expect(await codeOf(api.client.honour(old))).toBe('policy_version_stale');
    const sideways = scene.officer.sign(scene.policy(3, { gates: {} }));
    expect(await codeOf(api.client.honour(sideways))).toBe('policy_version_stale');
  });

  it('handed in at once all take effect, and one policy wins', async () => {
    const reviewers = Array.from({ length: 5 }, (_, i) => new Signer(`r${i}`));
    const versions = [11, 13, 12];
    await Promise.allSettled([
      ...reviewers.map((reviewer) => api.client.honour(scene.officer.sign(scene.certificate(reviewer)))),
      ...versions.map((version) => api.client.honour(scene.officer.sign(scene.policy(version)))),
    ]);
    const { policies, reviewerCertificates } = await api.client.trust();
    expect(reviewerCertificates).toHaveLength(5);
    expect(policies).toHaveLength(1);
    expect(Buffer.from(policies[0]!.payload, 'base64').toString()).toContain('"version":13');
  });
});

describe('checkpoints', () => {
  const leaves = Array.from({ length: 3 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));
  const textOf = (origin: string, size: number, root = rootOf(leaves.slice(0, size))) =>
    formatCheckpoint({ origin, size, root, extensions: [] });

  it('are signed only if they continue the last one, also after a restart', async () => {
    const { logOrigin, logVkey } = await api.client.trust();
    expect(await jobs.client.lastCheckpoint()).toBeUndefined();
    const note = await jobs.client.signCheckpoint(0, [], textOf(logOrigin, 2));
    expect(openCheckpoint(note, logOrigin, [VerifierKey.parse(logVkey)]).size).toBe(2);

    const fork = textOf(logOrigin, 3, leaves[0]);
    expect(await codeOf(jobs.client.signCheckpoint(2, [leaves[2]!], fork))).toBe('checkpoint_refused');
    expect(await codeOf(jobs.client.signCheckpoint(0, [], fork))).toBe('checkpoint_conflict');
    expect(await codeOf(jobs.client.signCheckpoint(2, [], textOf('another.log', 3)))).toBe(
      'checkpoint_refused',
    );

    await scene.broker.close();
    await scene.start();
    [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
    expect(await jobs.client.lastCheckpoint()).toBe(note);
    expect(await codeOf(jobs.client.signCheckpoint(0, [], fork))).toBe('checkpoint_conflict');
    const next = await jobs.client.signCheckpoint(2, [leaves[2]!], textOf(logOrigin, 3));
    expect(await jobs.client.lastCheckpoint()).toBe(next);
  });
});

describe('a restart', () => {
  it('keeps officers, authority, log and documents, whatever the officers’ file says now', async () => {
    const before = await api.client.trust();
    const mallory = new Signer('mallory');
    await writeFile(join(scene.folder, 'officers.pem'), mallory.publicPem);
    await scene.broker.close();
    await scene.start();
    [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
    expect(await api.client.trust()).toEqual(before);
    expect(await codeOf(api.client.honour(mallory.sign(scene.policy(99))))).toBe('signer_not_officer');
    expect(before.officers).toEqual([
      { keyId: scene.officer.keyId, name: 'olga', publicKey: scene.officer.publicPem },
    ]);
  });

  it('is refused when a file of the folder is gone, changed, swapped or half there', async () => {
    await scene.broker.close();
    const spare = await mkdtemp(join(tmpdir(), 'castellan-state-'));
    const state = join(brokerFolder(), 'state');
    await cp(state, spare, { recursive: true });
    const files = await readdir(state);
    expect(files.sort()).toEqual([
      'checkpoint.sealed',
      'documents.sealed',
      'keys.sealed',
      'root.sealed',
      'state.key',
    ]);
    for (const file of files) {
      await rm(join(state, file));
      expect([file, await codeOf(scene.start())]).toEqual([file, 'state_damaged']);
      const bytes = await readFile(join(spare, file));
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      await writeFile(join(state, file), bytes);
      expect([file, await codeOf(scene.start())]).toEqual([file, 'state_damaged']);
      await cp(join(spare, file), join(state, file));
    }
    await cp(join(spare, 'documents.sealed'), join(state, 'checkpoint.sealed'));
    expect(await codeOf(scene.start())).toBe('state_damaged');
    await cp(join(spare, 'checkpoint.sealed'), join(state, 'checkpoint.sealed'));
    await rm(spare, { recursive: true });
    await scene.start();
    [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
  });

  it('clears away what a crash left half-written, and keeps what was', async () => {
    const before = await api.client.trust();
    await scene.broker.close();
    const state = join(brokerFolder(), 'state');
    await writeFile(join(state, 'documents.sealed.123.new'), 'half a file');
    await scene.start();
    [api, jobs] = [await scene.enroll('api'), await scene.enroll('jobs')];
    expect(await api.client.trust()).toEqual(before);
    expect((await readdir(state)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('leaves no secret readable in the folder', async () => {
    const markers = ['PRIVATE KEY', 'PRIVATE+KEY', 'castellan.keybroker', scene.project];
    for (const entry of await readdir(brokerFolder(), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
      expect([entry.name, markers.filter((marker) => text.includes(marker))]).toEqual([entry.name, []]);
    }
  });
});

describe('a first start', () => {
  it('that died half way begins afresh; one that was done is not repeated over a lost folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'castellan-first-'));
    const kms = await LocalKms.open({ file: join(folder, 'kms.json'), passphrase: 'correct horse battery' });
    const first = async () => ({ root: 'r', documents: 'd', checkpoint: '' });
    await mkdir(join(folder, 'state.new'));
    await writeFile(join(folder, 'state.new', 'state.key'), 'half a key');
    await openState(folder, kms, first);
    const never = () => Promise.reject(new Error('made again'));
    expect(await (await openState(folder, kms, never)).root.read()).toBe('r');
    const otherKms = await LocalKms.open({
      file: join(folder, 'other.json'),
      passphrase: 'correct horse battery',
    });
    expect(await codeOf(openState(folder, otherKms, never))).toBe('state_damaged');
    await rm(folder, { recursive: true });
  });

  it('needs officers', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const wrong = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const olga = scene.officer.publicPem;
    for (const text of ['', 'noise', wrong, olga + olga]) {
      expect(() => readOfficers(text)).toThrow(expect.objectContaining({ code: 'officers_malformed' }));
    }
    const named = readOfficers(`# olga of security\n${olga}\n${new Signer('x').publicPem}`);
    expect(named.map(({ name }) => name)).toEqual([
      'olga of security',
      expect.stringMatching(/^officer-[0-9a-f]{8}$/),
    ]);
  });
});

describe('a process that asks for keys too often', () => {
  it('has to wait; others don’t', async () => {
    const [greedy, modest] = [await scene.enroll('worker', 'greedy'), await scene.enroll('worker', 'modest')];
    const subject = { kind: 'version', id: '00000000-0000-7000-8000-000000000000' } as const;
    const ask = ({ client }: Process) =>
      codeOf(
        client.release({
          purpose: 'serve',
          subject,
          ephemeralPublicKey: Buffer.alloc(32).toString('base64'),
        }),
      );
    expect([await ask(greedy), await ask(greedy), await ask(greedy)]).toEqual([
      'version_unknown',
      'version_unknown',
      'request_rate_exceeded',
    ]);
    expect(await ask(modest)).toBe('version_unknown');
    scene.clock.aheadMs = 10_000;
    expect(await ask(greedy)).toBe('version_unknown');
    scene.clock.aheadMs = 0;
  });
});

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' });
if (openssl.error !== undefined)
  console.warn(`exports are not checked with openssl here: ${openssl.error.message}`);
const withOpenssl = openssl.error === undefined ? it : it.skip;

describe('an export', () => {
  withOpenssl('is signed so that openssl verifies it with the published authority', async () => {
    const content = Buffer.from('0123  manifest.json\n');
    await writeFile(join(scene.folder, 'sums'), content);
    await writeFile(join(scene.folder, 'sums.cms'), await api.client.signCms(content));
    const ca = join(brokerFolder(), 'public', 'ca.pem');
    const args = [
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'PEM',
      '-in',
      'sums.cms',
      '-content',
      'sums',
      '-CAfile',
      ca,
    ];
    const run = spawnSync('openssl', args, { cwd: scene.folder, encoding: 'utf8' });
    expect([run.status, run.stdout]).toEqual([0, content.toString()]);
    expect(await scene.actions()).toContain('export.signed');
  });
});
