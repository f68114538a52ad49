import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Version } from '@castellan/contracts';
import { BundleArchive } from '../evidence/bundle-archive.js';
import { builtApp } from '../up/plans.js';
import type { Published } from './act-publish.js';
import type { Stage } from './stage.js';

const run = promisify(execFile);

/**
 * Act 7. The auditor takes the evidence away and checks it twice: with this command line in a process that knows no server,
 * and with openssl and sha256sum alone, as the bundle itself says.
 */
export async function evidenceIsVerified(
  stage: Stage,
  { keras, onnx }: Published,
  folder: string,
): Promise<boolean> {
  const { narrator, keys, cast } = stage;
  narrator.act('Otto takes the evidence away, and checks it without Castellan');
  const officer = join(folder, 'officer.pem');
  const ca = join(folder, 'ca.pem');
  await mkdir(folder, { recursive: true });
  await writeFile(officer, createPublicKey(keys.officer).export({ type: 'spki', format: 'pem' }));
  await writeFile(ca, (await cast.auditor.api.trust()).caPem);
  try {
    const outcomes = await Promise.all(
      [keras, onnx].map(async (version) => {
        const bundle = join(folder, `${version.model}.tar`);
        await save(stage, version, bundle);
        return { version, bundle, offline: await verifyOffline(bundle, officer, ca, folder) };
      }),
    );
    for (const { version, offline } of outcomes)
      narrator.shown(
        offline,
        `castellan evidence verify: the evidence for ${version.model}@${version.number} holds`,
      );
    const [digits] = outcomes;
    const byHand = digits === undefined ? false : await verifyByHand(digits.bundle, join(folder, 'unpacked'));
    if (byHand === undefined)
      narrator.tell('openssl or sha256sum is not on this machine; that check is left out.');
    else narrator.shown(byHand, 'openssl and sha256sum, by the bundle’s own verify.sh, say the same');
    return outcomes.every(({ offline }) => offline) && byHand !== false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function save({ cast }: Stage, { id }: Version, file: string): Promise<void> {
  const response = await cast.auditor.api.evidence(id);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
}

/** A process of its own, without a profile, a server's address or a key. */
async function verifyOffline(bundle: string, officer: string, ca: string, home: string): Promise<boolean> {
  const argv = [
    builtApp('castellan'),
    'evidence',
    'verify',
    bundle,
    '--officer',
    officer,
    '--ca',
    ca,
    '--json',
  ];
  try {
    await run(process.execPath, argv, { env: { CASTELLAN_HOME: home } });
    return true;
  } catch {
    return false;
  }
}

/** Undefined where the programs aren't there. */
async function verifyByHand(bundle: string, folder: string): Promise<boolean | undefined> {
  for (const [program, argument] of [
    ['openssl', 'version'],
    ['sha256sum', '--version'],
  ] as const) {
    if (!(await succeeds(program, [argument]))) return undefined;
  }
  const { files } = await BundleArchive.read(bundle);
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return succeeds('sh', [join(folder, 'verify.sh')]);
}

async function succeeds(program: string, argv: readonly string[]): Promise<boolean> {
  try {
    await run(program, argv);
    return true;
  } catch {
    return false;
  }
}
