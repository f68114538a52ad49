import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { timeStamps } from '@castellan/pki';
import { TestAuthority } from '../../../../test/support/test-authority.js';
import { BundleArchive } from './bundle-archive.js';
import { describeVerification } from './describe-verification.js';
import { newKey, newPlatform, sampleFiles, signSums, type Platform } from './testing/sample-bundle.js';
import { verifyBundle } from './verify-bundle.js';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('Skipped: time stamps in evidence. They need openssl as an authority.');

(hasOpenssl ? describe : describe.skip)('a bundle with a time stamp', () => {
  let authority: TestAuthority;
  let platform: Platform;
  beforeAll(async () => {
    [authority, platform] = await Promise.all([TestAuthority.start(), newPlatform()]);
  });
  afterAll(() => authority.stop());

  async function stamp(content: Uint8Array): Promise<Buffer> {
    const { readTimeStampReply, timeStampRequest } = await timeStamps();
    const nonce = randomBytes(16);
    const body = Uint8Array.from(timeStampRequest(content, nonce));
    const response = await fetch(authority.url, { method: 'POST', body });
    return Buffer.from(readTimeStampReply(new Uint8Array(await response.arrayBuffer()), nonce));
  }

  async function stamped(): Promise<Map<string, Buffer>> {
    const files = sampleFiles({ platform, officer: newKey(), reviewer: newKey() });
    const checkpoint = files.get('audit/checkpoint.txt') ?? Buffer.alloc(0);
    files.set('audit/timestamp/checkpoint.txt', checkpoint);
    files.set('audit/timestamp/token.tst', await stamp(checkpoint));
    files.set('audit/timestamp/consistency.txt', Buffer.alloc(0));
    return files;
  }

  const verify = (files: Map<string, Buffer>, timeCaPem?: string) => {
    signSums(files, platform);
    return verifyBundle(BundleArchive.of(files), { officers: [], timeCaPem });
  };

  it('says when the log existed, and whether the authority was pinned', async () => {
    const pinned = await verify(await stamped(), authority.caPem);
    expect(pinned.faults).toEqual([]);
    const timestamp = { leaves: 2, authority: 'CN=Spec time stamps', pinned: true };
    expect(pinned.log?.timestamp).toMatchObject(timestamp);
    expect(describeVerification(pinned)).toContain('the first 2 leaves existed at 2');
    const unpinned = await verify(await stamped());
    expect(unpinned).toMatchObject({ ok: true, log: { timestamp: { pinned: false } } });
    expect(describeVerification(unpinned)).toContain('pin the authority with --tsa-ca');
  });

  it.each<[string, string, (files: Map<string, Buffer>) => unknown]>([
    ['taken away', 'time_stamp_missing', (files) => files.delete('audit/timestamp/token.tst')],
    [
      'of another checkpoint',
      'time_stamp_invalid',
      async (files) => files.set('audit/timestamp/token.tst', await stamp(Buffer.from('another'))),
    ],
    [
      'of what the log never signed',
      'note_malformed',
      async (files) => {
        files.set('audit/timestamp/checkpoint.txt', Buffer.from('no checkpoint'));
        files.set('audit/timestamp/token.tst', await stamp(Buffer.from('no checkpoint')));
      },
    ],
    [
      'that does not lead to the bundle’s log',
      'proof_length_invalid',
      (files) => files.set('audit/timestamp/consistency.txt', Buffer.from(`${'A'.repeat(43)}=\n`)),
    ],
  ])('is refused with one %s', async (_, code, change) => {
    const files = await stamped();
    await change(files);
    const { faults } = await verify(files, authority.caPem);
    expect(faults.map((fault) => fault.code)).toEqual([code]);
  });

  it('is refused under another authority than the pinned one', async () => {
    const { faults } = await verify(await stamped(), platform.caPem);
    expect(faults.map(({ code }) => code)).toEqual(['time_stamp_untrusted']);
  });
});
