import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CertificateAuthority, timeStamps } from '@castellan/pki';
import { verifyConsistency } from '@castellan/merkle-log';
import { TimeStamping } from '../index.js';
import { openTreeHead } from '../log-identity.js';
import { SpecLog } from '../testing/spec-log.js';
import { TestAuthority } from '../../../../test/support/test-authority.js';

const run = promisify(execFile);
const { verifyTimeStamp } = await timeStamps();
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('Skipped: RFC 3161 time stamps. They need openssl as an authority.');

(hasOpenssl ? describe : describe.skip)('time stamps of checkpoints', () => {
  let spec: SpecLog;
  let authority: TestAuthority;
  beforeAll(async () => {
    [spec, authority] = await Promise.all([SpecLog.open(), TestAuthority.start()]);
  });
  afterAll(() => Promise.all([spec.close(), authority.stop()]));
  beforeEach(async () => {
    await spec.reset();
    authority.broken = undefined;
  });

  const stamping = (caPem = authority.caPem) =>
    new TimeStamping(spec.database, { url: authority.url, trusted: [caPem] });
  const stamped = async () => (await spec.reader.timestamp())!;

  it('are kept with the checkpoint that they are of, once for each growth', async () => {
    expect(await stamping().round()).toBe(false);
    const note = await spec.grow(30);
    expect(await stamping().round()).toBe(true);
    expect(await stamping().round()).toBe(false);
    const { token, stampedAt, checkpoint } = await stamped();
    expect(checkpoint).toBe(note);
    const verified = await verifyTimeStamp(token, Buffer.from(note), [authority.caPem]);
    expect(verified).toMatchObject({ time: stampedAt, subject: 'CN=Spec time stamps' });
  });

  it('verify with openssl, and not over another checkpoint', async () => {
    await spec.grow(30);
    await stamping().round();
    const { token, checkpoint } = await stamped();
    const file = (name: string) => join(authority.folder, name);
    await writeFile(file('token.tst'), token);
    const verify = async (content: string) => {
      await writeFile(file('checkpoint'), content);
      const args = [
        'ts',
        '-verify',
        '-token_in',
        '-in',
        'token.tst',
        '-data',
        'checkpoint',
        '-CAfile',
        'ca.pem',
      ];
      return run('openssl', args, { cwd: authority.folder });
    };
    await expect(verify(checkpoint)).resolves.toMatchObject({ stdout: expect.stringContaining('OK') });
    await expect(verify(checkpoint.replace('\n30\n', '\n31\n'))).rejects.toThrow();
  });

  it('lead, by a proof, to every later checkpoint', async () => {
    await spec.grow(30);
    await stamping().round();
    const later = await spec.grow(70, 30);
    const { checkpoint, hashes } = (await spec.reader.timestamp())!;
    const [older, newer] = [checkpoint, later].map((note) => openTreeHead(note, spec.identity));
    verifyConsistency(
      { oldSize: older!.size, oldRoot: older!.root, newSize: newer!.size, newRoot: newer!.root },
      hashes,
    );
  });

  it('of an authority that was not named, of other bytes, or damaged are not kept', async () => {
    await spec.grow(30);
    const other = await CertificateAuthority.create({ commonName: 'other', ttlMs: 60_000, now: new Date() });
    await expect(stamping(other.certificatePem).round()).rejects.toMatchObject({
      code: 'time_stamp_untrusted',
    });
    authority.broken = Buffer.from('no time stamp');
    await expect(stamping().round()).rejects.toMatchObject({ code: 'time_stamp_invalid' });
    expect(await spec.reader.timestamp()).toBeUndefined();
    authority.broken = undefined;
    await stamping().round();
    const { token, checkpoint, stampedAt } = await stamped();
    const content = Buffer.from(checkpoint);
    await expect(verifyTimeStamp(token, Buffer.from('other'))).rejects.toThrow('of other bytes');
    for (let at = 20; at < token.length; at += 29) {
      const damaged = Uint8Array.from(token);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      const outcome = await verifyTimeStamp(damaged, content, [authority.caPem]).catch(() => undefined);
      // A bit outside of what is signed changes nothing; no bit gives another time.
      expect([undefined, stampedAt.getTime()]).toContain(outcome?.time.getTime());
    }
  });

  it('are not asked for again and again: a reply to another question is refused', async () => {
    await spec.grow(30);
    await stamping().round();
    await spec.grow(5, 30);
    authority.broken = await readFile(join(authority.folder, 'reply.tsr'));
    await expect(stamping().round()).rejects.toMatchObject({
      code: 'time_stamp_invalid',
      publicDetail: 'The answer is to another question.',
    });
  });
});
