import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { FolderBlobStore } from '@castellan/blob-store';
import { SealedReader } from '@castellan/sealed-stream';
import {
  type FileToUnseal,
  quickestDigest,
  type SealedFile,
  sealedFileContext,
  SealedStore,
  unsealFile,
  unsealPieces,
} from '@castellan/vault';
import { ifPossible, median, peakMiBOf, rounded, run, secondsOf } from './measure.js';
import { rewrapPerSecond } from './rewrap.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const CHUNK_BYTES = MIB;
const RANGE_BYTES = MIB;
const RANGE_READS = 50;
const LOOP_RESOLUTION_MS = 10;

/**
 * The sealed store against what the machine can do: a plain copy with fsync (`dd`), one core of `openssl speed` at our
 * chunk size, and `age` on the same file. Everything in one run, on one disk, the file in the page cache.
 *
 * `openGBps`: opened piece by piece in constant memory, verified by the digest that is sooner, the pieces given away, as `age`
 * does; `openPlainGBps`: the same, by its SHA-256 in any case. `openWholeGBps`: into one allocation of the file's size, with what the system
 * takes for its fresh pages. `openLimitGBps`: what `openGBps` could be if AES-256-GCM and SHA-256 cost what `openssl speed`
 * makes of them, and everything else nothing.
 *
 * Options: `--size-gib` (default 4), `--rounds` (default 3; rates are medians, taken in turn), `--dir` (default the temp folder).
 */
export async function vault(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'size-gib': { type: 'string', default: '4' },
      rounds: { type: 'string', default: '3' },
      dir: { type: 'string', default: tmpdir() },
    },
  });
  const sizeGiB = Number(values['size-gib']);
  const rounds = Number(values.rounds);
  if (!(sizeGiB > 0) || !(rounds >= 1)) throw new Error('--size-gib and --rounds are positive numbers');
  const folder = await mkdtemp(join(values.dir, 'castellan-bench-'));
  try {
    return await measureIn(folder, Math.round((sizeGiB * GIB) / MIB) * MIB, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureIn(folder: string, sizeBytes: number, rounds: number): Promise<object> {
  const input = join(folder, 'input');
  await writeRandom(input, sizeBytes);
  const sealed = await sealAndOpen(folder, input, rounds);
  const opensslGBps = await ifPossible('opensslGBps', () => opensslRate('aes-256-gcm'));
  const sha256GBps = await ifPossible('sha256GBps', () => opensslRate('sha256'));
  const age = await ifPossible('age', () => ageRates(folder, input, sizeBytes, rounds));
  const rate = (seconds: readonly number[]) => sizeBytes / 1e9 / median(seconds);
  const sealGBps = rate(sealed.sealSeconds);
  const openGBps = rate(sealed.openSeconds);
  const openWholeGBps = rate(sealed.openWholeSeconds);
  const copyGBps = rate(sealed.copySeconds);
  const orNull = (figure: number | undefined) => (figure === undefined ? null : rounded(figure));
  return {
    sizeGiB: sizeBytes / GIB,
    rounds,
    cores: availableParallelism(),
    sealGBps: rounded(sealGBps),
    openGBps: rounded(openGBps),
    openPlainGBps: rounded(rate(sealed.openPlainSeconds)),
    openWholeGBps: rounded(openWholeGBps),
    copyGBps: rounded(copyGBps),
    opensslGBps: orNull(opensslGBps ?? undefined),
    sha256GBps: orNull(sha256GBps ?? undefined),
    openLimitGBps: orNull(
      opensslGBps === null || sha256GBps === null ? undefined : openLimit(opensslGBps, sha256GBps),
    ),
    ageSealGBps: orNull(age?.sealGBps),
    ageOpenGBps: orNull(age?.openGBps),
    sealOverCopy: rounded(sealGBps / copyGBps),
    openOverAge: orNull(age === null ? undefined : openGBps / age.openGBps),
    openOverOpenssl: orNull(opensslGBps === null ? undefined : openGBps / opensslGBps),
    openWholeOverAge: orNull(age === null ? undefined : openWholeGBps / age.openGBps),
    // Sealing, opening, and opening whole beyond the plaintext itself.
    rssMiB: rounded(sealed.peakMiB),
    sealCpuSecondsPerGB: rounded(sealed.sealCpuSeconds / (sizeBytes / 1e9)),
    openCpuSecondsPerGB: rounded(sealed.openCpuSeconds / (sizeBytes / 1e9)),
    openPlainCpuSecondsPerGB: rounded(sealed.openPlainCpuSeconds / (sizeBytes / 1e9)),
    openWholeCpuSecondsPerGB: rounded(sealed.openWholeCpuSeconds / (sizeBytes / 1e9)),
    // How late the event loop was, at the worst of 99 in 100 times.
    sealLoopDelayMs: rounded(sealed.sealLoopDelayMs),
    openLoopDelayMs: rounded(sealed.openLoopDelayMs),
    rangeReadMs: rounded(sealed.rangeReadMs),
    rewrapPerSecond: rounded(await rewrapPerSecond()),
  };
}

/** Every core takes its part of AES and of the tree. */
function openLimit(aesGBps: number, sha256GBps: number): number {
  return availableParallelism() / (1 / aesGBps + 1 / sha256GBps);
}

async function sealAndOpen(folder: string, input: string, rounds: number) {
  const blobs = await FolderBlobStore.open(join(folder, 'blobs'));
  const store = new SealedStore(blobs);
  const dataKey = { dataKeyId: 'bench', key: createSecretKey(randomBytes(32)) };
  const figures = {
    copySeconds: [] as number[],
    sealSeconds: [] as number[],
    openSeconds: [] as number[],
    openPlainSeconds: [] as number[],
    openWholeSeconds: [] as number[],
    sealCpuSeconds: 0,
    openCpuSeconds: 0,
    openPlainCpuSeconds: 0,
    openWholeCpuSeconds: 0,
    sealLoopDelayMs: 0,
    openLoopDelayMs: 0,
    peakMiB: 0,
    rangeReadMs: 0,
  };
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}: copy, seal, open`);
    const copy = join(folder, 'copy');
    figures.copySeconds.push(
      await secondsOf(() => run('dd', [`if=${input}`, `of=${copy}`, 'bs=1M', 'conv=fsync'])),
    );
    await rm(copy);

    let written: SealedFile = { blobKey: '', sha256: '', sizeBytes: 0 };
    const sealing = await costOf(async () => {
      written = await store.write({ ...dataKey, path: 'input', source: piecesOf(input), withTree: true });
    });
    const { sizeBytes, sha256 } = written;
    const place = { store: blobs, ...dataKey, path: 'input', blobKey: written.blobKey };
    const file = { ...place, expected: quickestDigest(written, availableParallelism()) };
    const opening = await costOf(() => openPieces(file));
    const plain = await costOf(() => openPieces({ ...place, expected: { sizeBytes, sha256 } }));
    const whole = await costOf(async () => void (await unsealFile(file)));
    figures.sealSeconds.push(sealing.seconds);
    figures.openSeconds.push(opening.seconds);
    figures.openPlainSeconds.push(plain.seconds);
    figures.openWholeSeconds.push(whole.seconds);
    figures.sealCpuSeconds = sealing.cpuSeconds;
    figures.openCpuSeconds = opening.cpuSeconds;
    figures.openPlainCpuSeconds = plain.cpuSeconds;
    figures.openWholeCpuSeconds = whole.cpuSeconds;
    figures.sealLoopDelayMs = Math.max(figures.sealLoopDelayMs, sealing.loopDelayMs);
    figures.openLoopDelayMs = Math.max(figures.openLoopDelayMs, opening.loopDelayMs);
    const beyondWhole = whole.peakMiB - written.sizeBytes / MIB;
    figures.peakMiB = Math.max(figures.peakMiB, sealing.peakMiB, opening.peakMiB, beyondWhole);

    if (round === rounds) figures.rangeReadMs = await rangeReadMs(blobs, written.blobKey, dataKey);
    await store.remove(written.blobKey);
  }
  return figures;
}

async function openPieces(file: FileToUnseal): Promise<void> {
  let openedBytes = 0;
  for await (const piece of unsealPieces(file)) openedBytes += piece.byteLength;
  if (openedBytes !== file.expected?.sizeBytes) throw new Error('not all of it was opened');
}

async function costOf(work: () => Promise<void>) {
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  const start = process.cpuUsage();
  let seconds = 0;
  loop.enable();
  const peakMiB = await peakMiBOf(async () => void (seconds = await secondsOf(work)));
  loop.disable();
  const { user, system } = process.cpuUsage(start);
  const loopDelayMs = loop.percentile(99) / 1e6 - LOOP_RESOLUTION_MS;
  return { seconds, peakMiB, cpuSeconds: (user + system) / 1e6, loopDelayMs };
}

/** The median time of a 1 MiB range at a random place: opening the object (commitment, last chunk) and reading it. */
async function rangeReadMs(
  blobs: FolderBlobStore,
  blobKey: string,
  { dataKeyId, key }: { readonly dataKeyId: string; readonly key: ReturnType<typeof createSecretKey> },
): Promise<number> {
  const context = sealedFileContext(dataKeyId, 'input');
  const times: number[] = [];
  for (let count = 0; count < RANGE_READS; count++) {
    times.push(
      await secondsOf(async () => {
        const source = await blobs.reader(blobKey);
        const reader = await SealedReader.open(key, context, source);
        const last = reader.sizeBytes - RANGE_BYTES;
        await reader.read(Math.floor((last * count) / RANGE_READS), Math.min(RANGE_BYTES, reader.sizeBytes));
        await source.close();
      }),
    );
  }
  return median(times) * 1000;
}

/** One core at our chunk size, in GB/s. */
async function opensslRate(algorithm: 'aes-256-gcm' | 'sha256'): Promise<number> {
  console.error(`openssl speed ${algorithm}`);
  const output = await run('openssl', [
    'speed',
    '-elapsed',
    '-seconds',
    '3',
    '-evp',
    algorithm,
    '-bytes',
    `${CHUNK_BYTES}`,
    '-mr',
  ]);
  // `+F:23:AES-256-GCM:5012345678.9`: bytes a second.
  const [, bytesPerSecond] = /^\+F:.*:([\d.]+)$/m.exec(output) ?? [];
  if (bytesPerSecond === undefined) throw new Error('openssl speed printed no rate');
  return Number(bytesPerSecond) / 1e9;
}

async function ageRates(folder: string, input: string, sizeBytes: number, rounds: number) {
  const identity = join(folder, 'identity');
  await run('age-keygen', ['-o', identity]);
  const recipient = (await run('age-keygen', ['-y', identity])).trim();
  const encrypted = join(folder, 'input.age');
  const sealSeconds: number[] = [];
  const openSeconds: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}: age`);
    sealSeconds.push(await secondsOf(() => run('age', ['-r', recipient, '-o', encrypted, input])));
    openSeconds.push(await secondsOf(() => run('age', ['-d', '-i', identity, encrypted], '/dev/null')));
    await rm(encrypted);
  }
  const rate = (seconds: readonly number[]) => sizeBytes / 1e9 / median(seconds);
  return { sealGBps: rate(sealSeconds), openGBps: rate(openSeconds) };
}

/** A file in pieces of 1 MiB, read ahead into the same two pieces of memory: the source must not be what is measured. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path);
  const read = (buffer: Buffer) => file.read(buffer, 0, MIB);
  try {
    let [current, other] = [Buffer.alloc(MIB), Buffer.alloc(MIB)];
    for (let reading = read(current); ;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = read(other);
      yield current.subarray(0, bytesRead);
      [current, other] = [other, current];
    }
  } finally {
    await file.close();
  }
}

async function writeRandom(path: string, sizeBytes: number): Promise<void> {
  console.error(`writing ${sizeBytes / MIB} MiB`);
  const block = randomBytes(Math.min(64 * MIB, sizeBytes));
  const file = await open(path, 'wx');
  try {
    for (let left = sizeBytes; left > 0; left -= block.byteLength) {
      await file.writeFile(block.subarray(0, Math.min(left, block.byteLength)));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
