import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, createPublicKey, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  readApproval,
  readReviewerCertificate,
  readRevocation,
  readTrustDocument,
} from '@castellan/approval-policy';
import { verifiedKeyIds } from '@castellan/dsse';
import { readKeyFile } from './keys/key-file.js';
import { run, type ExitCode } from './run.js';
import { FakeServer } from './testing/fake-server.js';

let server: FakeServer;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'castellan-cli-'));
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(() => server.stop());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Outcome {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

async function castellan(
  argv: readonly string[],
  environment: Record<string, string> = {},
  signal = new AbortController().signal,
): Promise<Outcome> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await run(argv, {
    stdin: new PassThrough(),
    stdout,
    stderr,
    environment: {
      CASTELLAN_HOME: home,
      CASTELLAN_URL: server.url,
      CASTELLAN_GATEWAY_URL: server.url,
      ...environment,
    },
    now: () => new Date('2026-11-23T12:00:00Z'),
    signal,
  });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

const asRita = (): Record<string, string> => ({ CASTELLAN_TOKEN: server.token });
const signing = async (): Promise<string> => {
  const key = join(home, 'rita.pem');
  await rm(key, { force: true });
  await castellan(['keys', 'generate', '--key', key, '--no-passphrase']);
  return key;
};
const published = async (): Promise<Outcome> => {
  const file = join(home, 'digits.h5');
  await writeFile(file, Buffer.alloc(100_000, 7));
  return castellan(['publish', file, '--model', 'digits', '--json'], asRita());
};

describe('an S3 client', () => {
  it('is told what it signs with and where to put files', async () => {
    const { out } = await castellan(['s3', 'key'], asRita());
    expect(out).toContain(`export AWS_ENDPOINT_URL_S3=${server.url}/s3\n`);
    expect(out).toContain('export AWS_SECRET_ACCESS_KEY=signs\n');
    const number = server.versions.length + 1;
    const opened = await castellan(['s3', 'open', 'digits'], asRita());
    expect(opened.out).toBe(`s3://default/digits/${number}/\n`);
    expect(opened.err).toContain(`castellan s3 finish digits@${number}`);
    expect((await castellan(['s3', 'finish', `digits@${number}`], asRita())).code).toBe(0);
  });
});

describe('the exit code', () => {
  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [['publish', '--help'], 0],
    [[], 2],
    [['fly'], 2],
    [['publish'], 2],
    [['review', 'digits'], 2],
    [['predict', 'digits', '--input', '[1'], 2],
    [['whoami', '--url', 'nowhere'], 2],
    [['evidence', 'verify', '/no/such/file', '--officer', 'x'], 2],
    [['evidence', 'verify', '/no/such/file'], 1],
  ] as const)('of castellan %j is %d', async (argv, code) => {
    expect((await castellan(argv, asRita())).code).toBe(code);
  });

  it('is 1, with the server’s own words, when it refuses', async () => {
    const { code, out, err } = await castellan(['whoami'], { CASTELLAN_TOKEN: 'cst_wrong' });
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('castellan: This key is not valid (any more). (credentials_invalid)\n');
  });

  it('is 1, naming the address, when nothing answers', async () => {
    const { code, err } = await castellan(['whoami', '--url', 'http://127.0.0.1:2'], asRita());
    expect(code).toBe(1);
    expect(err).toContain('Nothing answers at http://127.0.0.1:2 (ECONNREFUSED)');
  });

  it('comes with a JSON error on standard error when JSON is asked for', async () => {
    const { out, err } = await castellan(['whoami', '--json'], { CASTELLAN_TOKEN: 'cst_wrong' });
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'credentials_invalid', kind: 'unauthenticated' },
    });
  });
});

describe('signing in', () => {
  it('with a link leaves a profile with a key of its own, which others can’t read', async () => {
    const { code } = await castellan(['login', `${server.url}/sign-in#token=csl_link`]);
    expect(code).toBe(0);
    const profile = join(home, 'profile.json');
    expect((await stat(profile)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(profile, 'utf8'))).toMatchObject({
      url: server.url,
      token: server.token,
    });
    expect((await castellan(['whoami'])).out).toBe('Rita (rita) of castellan: reviewer in default\n');
  });

  it('never sends the profile’s key to another server', async () => {
    await castellan(['login', `${server.url}/sign-in#token=csl_link`]);
    const { code, err } = await castellan(['whoami'], { CASTELLAN_URL: 'http://127.0.0.1:2' });
    expect(code).toBe(2);
    expect(err).toContain('Nobody is signed in');
    await castellan(['logout']);
  });

  it('is refused with a used link', async () => {
    expect((await castellan(['login', `${server.url}/sign-in?token=used`])).err).toContain('not valid');
  });
});

describe('publishing', () => {
  it('streams the file in, waits for the scan, and keeps the result alone on standard output', async () => {
    const { code, out, err } = await published();
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      stage: 'candidate',
      files: [{ path: 'digits.h5', sizeBytes: 100_000 }],
    });
    expect(err).toContain('digits.h5  100 %  100 kB');
  });

  it('sends a file again that was cut', async () => {
    server.cuts = 2;
    const { code, out, err } = await published();
    expect(code).toBe(0);
    expect(JSON.parse(out).files).toHaveLength(1);
    expect(err).toContain('Trying again (3 of 12)');
  });

  describe('when a file is long', () => {
    const bytes = randomBytes(9_000_000);
    const publish = () =>
      castellan(['publish', join(home, 'long.bin'), '--model', 'digits', '--json'], asRita());
    const files = [{ path: 'long.bin', sizeBytes: bytes.length, sha256: sha256(bytes) }];
    beforeEach(async () => {
      await writeFile(join(home, 'long.bin'), bytes);
      server.versions.length = 0;
    });

    it('sends it by pieces, and goes on where it was cut', async () => {
      server.cuts = 2;
      const { code, out, err } = await publish();
      expect([code, JSON.parse(out).files]).toEqual([0, files]);
      expect(err).toContain('Trying again');
      expect(server.versions[0]?.uploads).toHaveLength(1);
    });

    it('goes on with the same command where it was given up', async () => {
      server.cuts = 1000;
      const stop = new AbortController();
      const first = castellan(
        ['publish', join(home, 'long.bin'), '--model', 'digits'],
        asRita(),
        stop.signal,
      );
      while ((server.versions[0]?.uploads[0]?.bytes.length ?? 0) === 0) await sleep(20);
      stop.abort(new Error('SIGINT'));
      expect((await first).err).toContain('The same command again goes on from there.');
      server.cuts = 0;
      const { code, out, err } = await publish();
      expect([code, JSON.parse(out).files, server.versions.length]).toEqual([0, files, 1]);
      expect(err).toContain('Going on with what was interrupted.');
    });

    it('begins anew when a file was changed meanwhile', async () => {
      server.cuts = 1000;
      const stop = new AbortController();
      const first = castellan(
        ['publish', join(home, 'long.bin'), '--model', 'digits'],
        asRita(),
        stop.signal,
      );
      while ((server.versions[0]?.uploads[0]?.bytes.length ?? 0) === 0) await sleep(20);
      stop.abort(new Error('SIGINT'));
      await first;
      server.cuts = 0;
      await writeFile(join(home, 'long.bin'), Buffer.alloc(9_000_000, 1));
      expect((await publish()).code).toBe(0);
      expect(server.versions).toHaveLength(2);
    });

    it('says when the server has other bytes', async () => {
      server.lies = true;
      const { code, err } = await publish();
      server.lies = false;
      expect([code, JSON.parse(err.split('\n').at(-2) ?? '').error.code]).toEqual([1, 'digest_differs']);
      expect(server.versions).toEqual([]);
    });
  });

  describe('a folder', () => {
    const publish = (...named: string[]) =>
      castellan(['publish', ...named, '--model', 'digits', '--json'], asRita());
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(home, 'saved-model-'));
      await mkdir(join(folder, 'variables'));
      for (const name of [
        'saved_model.pb',
        'variables/variables.index',
        'variables/variables.data-00000-of-00001',
        '.gitignore',
      ])
        await writeFile(join(folder, name), name);
    });

    it('is one version, with its inner paths, and without what it hides', async () => {
      const { code, out } = await publish(folder);
      expect(code).toBe(0);
      expect(JSON.parse(out).files.map(({ path }: { path: string }) => path)).toEqual([
        'saved_model.pb',
        'variables/variables.data-00000-of-00001',
        'variables/variables.index',
      ]);
    });

    it.each<[string, () => Promise<string[]>, RegExp]>([
      [
        'a link that leads out',
        async () => (await symlink('/etc/hostname', join(folder, 'weights')), [folder]),
        /link out of its folder/,
      ],
      [
        'a link to nothing',
        async () => (await symlink('nowhere', join(folder, 'weights')), [folder]),
        /link to nothing/,
      ],
      [
        'a name that turns the direction of text',
        async () => (await writeFile(join(folder, 'h5.\u202exslexip'), ''), [folder]),
        /direction of text/,
      ],
      [
        'a name with a line break',
        async () => (await writeFile(join(folder, 'a\nb'), ''), [folder]),
        /control character/,
      ],
      [
        'two files of one name',
        async () => (
          await writeFile(join(home, 'saved_model.pb'), ''),
          [folder, join(home, 'saved_model.pb')]
        ),
        /same name/,
      ],
      ['nothing in it', async () => [await mkdtemp(join(home, 'empty-'))], /no files/],
    ])('is refused with %s, before anything is sent', async (_what, prepare, why) => {
      const before = server.versions.length;
      const { code, err } = await publish(...(await prepare()));
      expect([code, server.versions.length]).toEqual([2, before]);
      expect(err).toMatch(why);
    });
  });

  it('ends with 1 and the findings when the scan rejects', async () => {
    server.verdict = 'findings';
    const { code, err } = await published();
    expect(code).toBe(1);
    expect(err).toContain('lambda in digits.h5');
  });

  it('makes no version for a file that isn’t there', async () => {
    const { code } = await castellan(['publish', '/no/such', '--model', 'digits'], asRita());
    expect([code, server.versions.length]).toEqual([2, 0]);
  });
});

describe('a signing key', () => {
  it('is kept for its owner alone, and refused when others may read it', async () => {
    const key = await signing();
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    await chmod(key, 0o644);
    await published();
    const { code, err } = await castellan(['approve', 'digits@1', '--key', key, '--yes'], asRita());
    expect(code).toBe(1);
    expect(err).toContain('key_file_exposed');
  });

  it('is never overwritten', async () => {
    const key = await signing();
    const again = await castellan(['keys', 'generate', '--key', key, '--no-passphrase']);
    expect(again.err).toContain('key_file_exists');
  });

  it('may be behind a passphrase', async () => {
    const key = join(home, 'sealed.pem');
    await castellan(['keys', 'generate', '--key', key], { CASTELLAN_KEY_PASSPHRASE: 'open sesame' });
    expect(await readFile(key, 'utf8')).toContain('ENCRYPTED');
    expect((await readKeyFile(key, async () => 'open sesame')).type).toBe('private');
    await expect(readKeyFile(key, async () => 'wrong')).rejects.toMatchObject({
      code: 'key_file_unreadable',
    });
  });
});

describe('approving', () => {
  it('signs what was shown: the digest, the policy, the evidence', async () => {
    const key = await signing();
    await published();
    const { code, err } = await castellan(
      ['approve', 'digits@1', '--key', key, '--yes', '--days', '2'],
      asRita(),
    );
    expect(code).toBe(0);
    const document = readTrustDocument(server.documents[0] ?? '');
    expect(readApproval(document)).toMatchObject({
      decision: 'approve',
      person: 'rita',
      policyDigest: 'c'.repeat(64),
      evidence: [{ kind: 'scan' }],
      expiresAt: new Date('2026-11-25T12:00:00Z'),
    });
    const own = createPublicKey(await readFile(key, 'utf8'));
    expect(verifiedKeyIds(document.envelope, [own]).size).toBe(1);
    expect(err).toContain(document.subjectSha256);
  });

  it('asks first, and signs nothing where nobody can answer', async () => {
    const key = await signing();
    await published();
    const { code, err } = await castellan(['approve', 'digits@1', '--key', key], asRita());
    expect([code, server.documents.length]).toEqual([2, 0]);
    expect(err).toContain('--yes');
  });

  it('refuses a manifest that is not the digest’s', async () => {
    const key = await signing();
    await published();
    server.manifestLie = ' ';
    const { code, err } = await castellan(['approve', 'digits@1', '--key', key, '--yes'], asRita());
    expect([code, server.documents.length]).toEqual([1, 0]);
    expect(err).toContain('Do not sign');
  });

  it('says who can help when there is no policy', async () => {
    const key = await signing();
    await published();
    server.hasPolicy = false;
    const { err } = await castellan(['approve', 'digits@1', '--key', key, '--yes'], asRita());
    expect(err).toContain('castellan policy sign');
  });
});

describe('taking back', () => {
  it('revokes the version, or one approval', async () => {
    const key = await signing();
    await published();
    const revoke = ['revoke', 'digits@1', '--reason', 'drift', '--key', key, '--yes'];
    expect((await castellan(revoke, asRita())).code).toBe(0);
    expect((await castellan([...revoke, '--approval', 'd'.repeat(64)], asRita())).code).toBe(0);
    const revocations = server.documents.map((envelope) => readRevocation(readTrustDocument(envelope)));
    expect(revocations.map(({ target }) => target)).toEqual(['version', 'approval']);
    expect(revocations[1]?.targetDigest).toBe('d'.repeat(64));
  });
});

describe('making a reviewer', () => {
  it('takes her request to an officer’s signature', async () => {
    const key = await signing();
    const officer = join(home, 'officer.pem');
    const request = join(home, 'request.json');
    await castellan(['keys', 'generate', '--key', officer, '--no-passphrase']);
    expect((await castellan(['keys', 'enroll', '--key', key, '-o', request], asRita())).code).toBe(0);
    const certify = ['keys', 'certify', request, '--officer-key', officer, '--project', 'default', '--yes'];
    expect((await castellan(certify, asRita())).code).toBe(0);
    const document = readTrustDocument(server.documents[0] ?? '');
    expect(readReviewerCertificate(document)).toMatchObject({
      person: 'rita',
      projects: ['default'],
      roles: ['reviewer'],
    });
    expect(verifiedKeyIds(document.envelope, [createPublicKey(await readFile(officer, 'utf8'))]).size).toBe(
      1,
    );
    await rm(officer);
  });

  it('refuses a request whose key id is not its key’s', async () => {
    const request = join(home, 'forged.json');
    const key = await signing();
    await castellan(['keys', 'enroll', '--key', key, '-o', request], asRita());
    const forged = { ...JSON.parse(await readFile(request, 'utf8')), keyId: 'e'.repeat(64) };
    await writeFile(request, JSON.stringify(forged));
    expect(
      (await castellan(['keys', 'certify', request, '--officer-key', key, '--yes'], asRita())).code,
    ).toBe(2);
  });
});

describe('deploying and predicting', () => {
  it('waits until it is ready', async () => {
    const { code, out } = await castellan(
      ['deploy', 'digits@1', '--as', 'digits', '--wait', '--json'],
      asRita(),
    );
    expect([code, JSON.parse(out).phase]).toEqual([0, 'ready']);
  });

  it('tells why it is refused', async () => {
    server.phase = 'refused';
    const { code, err } = await castellan(['deploy', 'digits@1', '--as', 'digits', '--wait'], asRita());
    expect([code, err]).toEqual([1, 'castellan: Nobody approved it. (not_approved)\n']);
  });

  it('reads the input in place or from a file', async () => {
    const file = join(home, 'input.json');
    await writeFile(file, '[[1,2]]');
    expect((await castellan(['predict', 'digits', '--input', '[[3]]'], asRita())).out).toContain(
      '[[0.1,0.9]]',
    );
    await castellan(['predict', 'digits', '--input', `@${file}`], asRita());
    expect(server.predictions).toEqual([
      { model: 'digits', input: [[3]] },
      { model: 'digits', input: [[1, 2]] },
    ]);
  });
});
