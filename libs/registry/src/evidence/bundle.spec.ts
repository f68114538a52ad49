import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  approvalPayload,
  policyPayload,
  readTrustDocument,
  reviewerCertificatePayload,
} from '@castellan/approval-policy';
import { IN_TOTO_PAYLOAD_TYPE, keyIdOf, signEnvelope } from '@castellan/dsse';
import { leafHash, proveInclusion, RightEdge, type Hash, type TileCoordinate } from '@castellan/merkle-log';
import { CertificateAuthority, cmsSign, createCsr } from '@castellan/pki';
import { formatCheckpoint, NoteSigner, signNote } from '@castellan/signed-note';
import { sealManifest } from '../versions/manifest.js';
import { bundleFiles, type BundleLeaf, type BundleParts } from './bundle.js';
import { type BundleFile, sha256Sums, tarOf, textFile } from './bundle-file.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: { export: CallableFunction }) => String(key.export({ type: 'spki', format: 'pem' }));
const now = new Date('2026-11-23T12:00:00Z');

/** `count` events in a log, those in `shown` with proofs. */
async function log(
  count: number,
  shown: readonly number[],
): Promise<{ checkpoint: string; leaves: BundleLeaf[]; vkey: string }> {
  const texts = Array.from({ length: count }, (_, i) => `{"action":"spec.event","number":${i}}`);
  const { edge, tiles } = RightEdge.empty().grow(texts.map((text) => leafHash(Buffer.from(text))));
  const stored = new Map<string, readonly Hash[]>(
    tiles.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]),
  );
  const read = async ({ level, index }: TileCoordinate) => stored.get(`${level}/${index}`);
  const signer = new NoteSigner('castellan.local/audit/spec', generateKeyPairSync('ed25519').privateKey);
  const text = formatCheckpoint({ origin: signer.name, size: count, root: edge.root(), extensions: [] });
  const checkpoint = signNote(text, [signer]);
  const leaves = shown.map(async (index): Promise<BundleLeaf> => {
    const hashes = (await proveInclusion(index, count, read)).map((hash) =>
      Buffer.from(hash).toString('base64'),
    );
    const proof = {
      index: String(index),
      treeSize: String(count),
      leaf: texts[index] ?? '',
      hashes,
      checkpoint,
    };
    return { eventId: randomUUID(), action: 'spec.event', proof };
  });
  return { checkpoint, leaves: await Promise.all(leaves), vkey: signer.verifierKey.toString() };
}

async function parts(
  treeSize: number,
  shown: readonly number[],
): Promise<{ parts: BundleParts; sign: (sums: string) => string }> {
  const authority = await CertificateAuthority.create({
    commonName: 'Spec platform',
    ttlMs: 3_600_000,
    now: new Date(),
  });
  const { csrPem, privateKeyPem } = await createCsr('exports');
  const certificatePem = authority.signExportSignerCsr(csrPem, { commonName: 'exports', now: new Date() });
  const [officer, reviewer] = [p256(), p256()];
  const sealed = sealManifest({
    organization: 'castellan',
    project: 'default',
    model: 'digits',
    number: 3,
    author: 'ada',
    createdAt: now,
    files: [{ path: 'model.h5', sizeBytes: 7, sha256: sha256('weights') }],
  });
  const sign = (payload: Uint8Array, by: typeof officer) =>
    signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, by.privateKey);
  const scope = { organization: 'castellan', project: 'default' };
  const policy = sign(
    policyPayload({
      ...scope,
      version: 1,
      quorum: [{ role: 'reviewer', count: 1 }],
      gates: { scan: 'clean' },
      approvalMaxAgeDays: 90,
    }),
    officer,
  );
  const certificate = sign(
    reviewerCertificatePayload({
      keyId: keyIdOf(reviewer.publicKey),
      organization: 'castellan',
      projects: ['*'],
      roles: ['reviewer'],
      person: 'rita',
      publicKey: pem(reviewer.publicKey),
      notBefore: now.toISOString(),
      notAfter: '2027-11-23T12:00:00.000Z',
      serial: randomUUID(),
    }),
    officer,
  );
  const approval = sign(
    approvalPayload(
      { name: 'digits@3', versionDigest: sealed.digest },
      {
        ...scope,
        decision: 'approve',
        person: 'rita',
        policyDigest: readTrustDocument(policy).digest,
        evidence: [{ kind: 'scan', sha256: sha256('{}'), verdict: 'clean' }],
        reason: '看过了 "fine"',
        issuedAt: now.toISOString(),
        expiresAt: '2027-01-23T12:00:00.000Z',
        nonce: randomUUID(),
      },
    ),
    reviewer,
  );
  const kinds = { policy, 'reviewer-certificate': certificate, approval } as const;
  const { checkpoint, leaves, vkey } = await log(treeSize, shown);
  const officerId = keyIdOf(officer.publicKey);
  return {
    sign: (sums) => cmsSign(Buffer.from(sums), { certificatePem, privateKeyPem }, new Date()),
    parts: {
      model: 'digits',
      number: 3,
      versionDigest: sealed.digest,
      manifest: sealed.text,
      scanReport: '{}',
      exportedAt: now,
      trust: {
        logOrigin: 'castellan.local/audit/spec',
        logVkey: vkey,
        caPem: authority.certificatePem,
        officers: [{ keyId: officerId, name: 'officer', publicKey: pem(officer.publicKey) }],
        policies: [],
        reviewerCertificates: [],
        revocations: [],
      },
      evaluation: { allowed: true, versionDigest: sealed.digest, reasons: [], approvals: [] },
      documents: Object.entries(kinds).map(([kind, envelope]) => {
        return { kind: kind as keyof typeof kinds, digest: readTrustDocument(envelope).digest, envelope };
      }),
      publicKeys: new Map([
        [officerId, pem(officer.publicKey)],
        [keyIdOf(reviewer.publicKey), pem(reviewer.publicKey)],
      ]),
      leaves,
      checkpoint,
    },
  };
}

const hasTools =
  spawnSync('openssl', ['version']).status === 0 && spawnSync('sha256sum', ['--version']).status === 0;
if (!hasTools)
  console.warn('openssl or sha256sum is not on this machine: the bundle is not verified with them.');

(hasTools ? describe : describe.skip)('an evidence bundle, checked with sh, openssl and sha256sum', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-bundle-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function unpacked(treeSize: number, shown: readonly number[]): Promise<string> {
    const made = await parts(treeSize, shown);
    const files: BundleFile[] = bundleFiles(made.parts);
    const sums = sha256Sums(files);
    const whole = [...files, textFile('SHA256SUMS', sums), textFile('SHA256SUMS.cms', made.sign(sums))];
    await writeFile(join(folder, 'bundle.tar'), await tarOf('bundle', whole, now));
    expect(spawnSync('tar', ['-xf', 'bundle.tar'], { cwd: folder }).status).toBe(0);
    return join(folder, 'bundle');
  }
  const verify = (bundle: string) => spawnSync('sh', ['verify.sh'], { cwd: bundle, encoding: 'utf8' });

  it.each([
    [1, [0]],
    [2, [0, 1]],
    [7, [0, 3, 6]],
    [70, [0, 41, 69]],
  ])('holds for a log of %i records', async (treeSize, shown) => {
    const { status, stdout } = verify(await unpacked(treeSize, shown));
    expect(stdout).not.toContain('FAULT');
    expect(stdout).toContain('All of it holds.');
    expect(status).toBe(0);
  });

  it('shows every file that was changed, even when its sum was changed with it', async () => {
    const bundle = await unpacked(7, [3]);
    for (const path of await readdir(bundle, { recursive: true })) {
      if (path === 'README.txt' || path === 'verify.sh' || path.includes('.payload') || path.includes('dsse'))
        continue;
      const whole = join(bundle, path);
      const original = await readFile(whole).catch(() => undefined);
      if (original === undefined) continue;
      const flipped = Buffer.from(original);
      flipped[original.length >> 1] = (original[original.length >> 1] ?? 0) ^ 1;
      await writeFile(whole, flipped);
      const sums = await readFile(join(bundle, 'SHA256SUMS'), 'utf8');
      const changed = createHash('sha256')
        .update(await readFile(whole))
        .digest('hex');
      await writeFile(
        join(bundle, 'SHA256SUMS'),
        sums.replace(new RegExp(`^[0-9a-f]{64} {2}${RegExp.escape(path)}$`, 'm'), `${changed}  ${path}`),
      );
      expect([path, verify(bundle).stdout]).toEqual([path, expect.stringContaining('FAULT')]);
      await writeFile(join(bundle, 'SHA256SUMS'), sums);
      await writeFile(whole, original);
    }
    expect(verify(bundle).status).toBe(0);
  });

  it('shows a leaf that is not in the log, though everything was signed anew', async () => {
    const made = await parts(7, [3]);
    const [leaf] = made.parts.leaves;
    if (leaf === undefined) throw new Error('no leaf');
    const forged = { ...leaf, proof: { ...leaf.proof, leaf: '{"action":"spec.event","number":99}' } };
    const files = bundleFiles({ ...made.parts, leaves: [forged] });
    const sums = sha256Sums(files);
    const whole = [...files, textFile('SHA256SUMS', sums), textFile('SHA256SUMS.cms', made.sign(sums))];
    await writeFile(join(folder, 'bundle.tar'), await tarOf('bundle', whole, now));
    spawnSync('tar', ['-xf', 'bundle.tar'], { cwd: folder });
    expect(verify(join(folder, 'bundle')).stdout).toContain('FAULT  record 3 is in the log of 7 records');
  });
});
