import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { keyIdOf } from '@castellan/dsse';
import { BundleArchive } from './bundle-archive.js';
import { describeVerification } from './describe-verification.js';
import { sha256 } from './sums.js';
import { newKey, newPlatform, sampleFiles, signSums, type Platform } from './testing/sample-bundle.js';
import { verifyBundle, verifyBundleFile, type Pins, type Verification } from './verify-bundle.js';

let platform: Platform;
const officer = newKey();
const reviewer = newKey();

beforeAll(async () => {
  platform = await newPlatform();
});

const sample = (options = {}): Map<string, Buffer> =>
  sampleFiles({ platform, officer, reviewer, ...options });
const verify = (files: Map<string, Buffer>, pins: Pins = pinned(officer)): Promise<Verification> =>
  verifyBundle(BundleArchive.of(files), pins);
const pinned = (key: KeyObject, caPem: string | undefined = platform.caPem) => ({
  officers: [{ keyId: keyIdOf(key) }],
  caPem,
});
const codes = ({ faults }: Verification): string[] => faults.map(({ code }) => code);

describe('a true bundle', () => {
  it('holds, and says who approved what', async () => {
    const verification = await verify(sample());
    expect(verification.faults).toEqual([]);
    expect(verification).toMatchObject({
      ok: true,
      version: { model: 'digits', number: 1 },
      decision: { allowed: true, approvals: [{ person: 'rita', role: 'reviewer' }] },
      officers: [{ keyId: keyIdOf(officer), pinned: true }],
      log: { size: '2' },
    });
    expect(verification.log?.records.map(({ action }) => action)).toEqual([
      'version.finalized',
      'evidence.exported',
    ]);
    expect(describeVerification(verification)).toContain('All of it holds.');
  });

  it('holds without pins, and names what must be compared by hand', async () => {
    const verification = await verify(sample(), { officers: [], caPem: undefined });
    expect(verification.ok).toBe(true);
    const report = describeVerification(verification);
    expect(report).toContain(keyIdOf(officer));
    expect(report).toContain(verification.signer?.caFingerprint ?? 'no signer');
  });

  it('holds for a revoked version, and says that it may not be served', async () => {
    const verification = await verify(sample({ revoked: true }));
    expect(verification).toMatchObject({ ok: true, decision: { allowed: false } });
    expect(verification.decision?.reasons.map(({ code }) => code)).toContain('version_revoked');
  });

  it('is read from a tar', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'castellan-evidence-'));
    const file = join(folder, 'bundle.tar');
    await writeFile(
      file,
      await tarOf([...sample()].map(([path, bytes]) => [`digits-1-evidence/${path}`, bytes])),
    );
    expect((await verifyBundleFile(file, { officers: [] })).faults).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('somebody who changes a byte', () => {
  it('is caught in every file, the signature and the list included', async () => {
    const files = sample();
    for (const [path, bytes] of files) {
      const changed = new Map(files).set(path, flipped(bytes));
      const verification = await verify(changed);
      expect([path, verification.ok]).toEqual([path, false]);
      const named = path.startsWith('SHA256SUMS') ? 'SHA256SUMS.cms' : path;
      expect(verification.faults.map(({ subject }) => subject)).toContain(named);
    }
  });

  it('is caught taking a file away, or adding one', async () => {
    const files = sample();
    for (const path of files.keys()) {
      const without = new Map(files);
      without.delete(path);
      expect([path, (await verify(without)).ok]).toEqual([path, false]);
    }
    expect(codes(await verify(new Map(files).set('more.txt', Buffer.from('x'))))).toEqual(['file_unlisted']);
  });
});

describe('somebody who owns the platform and signs again', () => {
  const resigned = async (change: (files: Map<string, Buffer>) => void): Promise<Verification> => {
    const files = sample();
    change(files);
    signSums(files, platform);
    return verify(files);
  };

  it('is caught in every file that carries meaning', async () => {
    const files = sample();
    for (const [path, bytes] of files) {
      if (path.startsWith('SHA256SUMS') || path === 'README.txt') continue;
      const changed = new Map(files).set(path, flipped(bytes));
      signSums(changed, platform);
      expect([path, (await verify(changed)).ok]).toEqual([path, false]);
    }
  });

  it('can not swap the manifest for another', async () => {
    const verification = await resigned((files) => {
      const other = files.get('manifest.json')?.toString().replace('"ada"', '"eve"') ?? '';
      files.set('manifest.json', Buffer.from(other));
    });
    expect(codes(verification)).toContain('manifest_mismatch');
  });

  it('can not swap the manifest and its digest together: the approval is for another', async () => {
    const verification = await resigned((files) => {
      const manifest = files.get('manifest.json')?.toString() ?? '';
      const other = manifest.replace('"ada"', '"eve"');
      const index = files.get('bundle.json')?.toString().replace(sha256(manifest), sha256(other)) ?? '';
      files.set('manifest.json', Buffer.from(other)).set('bundle.json', Buffer.from(index));
    });
    expect(codes(verification)).toContain('decision_differs');
    expect(verification.decision?.reasons.map(({ code }) => code)).toContain('approval_for_other_digest');
  });

  it('can not make a reviewer without an officer', async () => {
    const verification = await verify(sample({ certifiedBy: newKey() }));
    expect(codes(verification)).toContain('decision_differs');
    expect(verification.decision?.allowed).toBe(false);
  });

  it('can not bring an officer of its own past a pin', async () => {
    const other = newKey();
    const files = sampleFiles({ platform, officer: other, reviewer });
    const verification = await verify(files, pinned(officer));
    expect(codes(verification)).toEqual(expect.arrayContaining(['officer_unknown', 'decision_differs']));
    expect((await verify(files, pinned(other))).ok).toBe(true);
  });

  it('can not hide a revocation that is inside, or let an author review', async () => {
    expect(codes(await verify(sample({ revoked: true, claimsAllowed: true })))).toContain('decision_differs');
    expect(codes(await verify(sample({ author: 'rita' })))).toContain('decision_differs');
  });

  it('can not put another scan report under the approval', async () => {
    const verification = await resigned((files) =>
      files.set('scan-report.json', Buffer.from('{"verdict":"clean"}')),
    );
    expect(codes(verification)).toContain('scan_report_differs');
  });

  it('can not put a record in that the log does not hold', async () => {
    const verification = await resigned((files) => {
      const leaf = files.get('audit/0.leaf.json')?.toString().replace('12:30', '09:00') ?? '';
      files.set('audit/0.leaf.json', Buffer.from(leaf));
    });
    expect(codes(verification)).toContain('root_mismatch');
  });
});

describe('the signature over the list', () => {
  it('must be by the pinned CA', async () => {
    const other = await newPlatform();
    const verification = await verify(sample(), { ...pinned(officer), caPem: other.caPem });
    expect(codes(verification)).toEqual(['ca_mismatch']);
  });

  it('must not be by a certificate of another CA', async () => {
    const files = sample();
    signSums(files, await newPlatform());
    expect(codes(await verify(files))).toEqual(['signer_untrusted']);
  });

  it('must not be by a process that the CA certified for something else', async () => {
    const files = sample();
    signSums(files, { sign: (content) => platform.signAsPeer(content) });
    expect(codes(await verify(files))).toEqual(['signer_untrusted']);
  });

  it.each(['', 'nonsense', '-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n'])(
    'must be one: %j',
    async (text) => {
      expect(codes(await verify(sample().set('SHA256SUMS.cms', Buffer.from(text))))).toEqual([
        'cms_malformed',
      ]);
    },
  );
});

describe('a file that is no bundle', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-evidence-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const verifyBytes = async (bytes: Uint8Array): Promise<Verification> => {
    await writeFile(join(folder, 'bundle.tar'), bytes);
    return verifyBundleFile(join(folder, 'bundle.tar'), { officers: [] });
  };

  it.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('x'.repeat(2000))],
  ])('is told: %s', async (_, bytes) => {
    expect(codes(await verifyBytes(bytes))).toEqual(['bundle_unreadable']);
  });

  it('is told when it is cut', async () => {
    const whole = await tarOf([...sample()].map(([path, bytes]) => [`b/${path}`, bytes]));
    const verification = await verifyBytes(whole.subarray(0, 5000));
    expect(verification.ok).toBe(false);
  });

  it.each([
    ['a path that climbs', 'b/../../x'],
    ['an absolute path', '/etc/x'],
    ['a path without a folder', 'x'],
  ])('is refused with %s', async (_, name) => {
    expect(codes(await verifyBytes(await tarOf([[name, Buffer.from('x')]])))).toEqual(['bundle_unreadable']);
  });

  it('is refused with a file twice', async () => {
    const twice = await tarOf([
      ['b/x', Buffer.from('1')],
      ['b/x', Buffer.from('2')],
    ]);
    expect(codes(await verifyBytes(twice))).toEqual(['bundle_unreadable']);
  });
});

function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const middle = changed.length >> 1;
  changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
  return changed;
}

async function tarOf(entries: readonly (readonly [string, Uint8Array])[]): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of entries) tar.entry({ name }, Buffer.from(bytes));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
