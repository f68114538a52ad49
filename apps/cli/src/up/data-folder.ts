import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { FolderLock } from './folder-lock.js';
import { parts, requireSameParts, type Part } from './own-services.js';
import { UpError } from './up-error.js';

/** Grows when a release can no longer read what an earlier one wrote. */
const FORMAT = 1;

const Marker = z.object({
  format: z.number().int(),
  createdAt: z.iso.datetime(),
  demo: z.boolean(),
  /** Whether a start over it was ever ready. Until then the next start is the first one still. */
  started: z.boolean(),
  /** What its owner's services keep instead. */
  elsewhere: z.array(z.enum(parts)).default([]),
});
type Marker = z.infer<typeof Marker>;
export interface Opening {
  readonly demo: boolean;
  readonly now: Date;
  readonly elsewhere?: readonly Part[];
}

/** What the marker of every release says. */
const AnyMarker = z.object({ format: z.number().int() });

/**
 * Everything that an installation keeps on one machine. Layout:
 *
 *   castellan.json      format version of this layout
 *   lock                who runs over it now
 *   database/           embedded PostgreSQL
 *   blobs/              the object store: ciphertext only
 *   keybroker/          its sealed state, and public/ (CA certificate, log key, officers)
 *   officers.pem        the officers' public keys that the keybroker pins at its first start
 *   logs/               one file a process
 *   tmp/                the processes' temporary and working folder, emptied at every start
 *   passphrase, officer.key.pem     only where nobody gave others at the first start
 *   sign-in-secret      until a start was ready: of the first administrator's sign-in link
 */
export class DataFolder {
  private constructor(
    readonly path: string,
    /** Whether no start over it was ever ready. */
    readonly isNew: boolean,
    readonly lock: Pick<FolderLock, 'release'>,
    private readonly marker: Marker,
  ) {}

  /** What is not in it. */
  get elsewhere(): readonly Part[] {
    return this.marker.elsewhere;
  }

  /**
   * Opens the folder, or makes it, and holds it until `lock.release()`.
   * @throws UpError `data_folder_unusable`, `data_folder_foreign`, `data_folder_version`, `data_folder_in_use`,
   * `services_differ`
   */
  static async open(path: string, { demo, now, elsewhere = [] }: Opening): Promise<DataFolder> {
    const folder = resolve(path);
    await makeFolder(folder);
    // PostgreSQL never runs as root: started by root it runs as another account, which must find its way in.
    if (process.getuid?.() === 0) await chmod(folder, 0o711);
    const found = await readMarker(folder);
    if (found !== undefined) {
      requireUsable(found, folder, demo);
      requireSameParts(folder, found.elsewhere, elsewhere);
    }
    const lock = FolderLock.take(join(folder, 'lock'), folder);
    try {
      await rm(join(folder, 'tmp'), { recursive: true, force: true });
      await makeParts(folder);
      const marker = found ?? newMarker({ demo, now, elsewhere });
      if (found === undefined) await writeMarker(folder, marker);
      return new DataFolder(folder, !marker.started, lock, marker);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * An empty folder for a restore, held until `lock.release()`. Its marker comes with `noteStarted`: until then nobody takes
   * it for an installation.
   * @throws UpError `data_folder_not_empty`, and those of `open`
   */
  static async forRestore(path: string, opening: Omit<Opening, 'demo'>): Promise<DataFolder> {
    const folder = resolve(path);
    await makeFolder(folder);
    const lock = FolderLock.take(join(folder, 'lock'), folder);
    try {
      if (process.getuid?.() === 0) await chmod(folder, 0o711);
      if ((await readdir(folder)).some((name) => name !== 'lock'))
        throw new UpError(
          'data_folder_not_empty',
          'conflict',
          `${folder} is not empty. Restore into a new folder.`,
        );
      await makeParts(folder);
      return new DataFolder(folder, true, lock, newMarker({ ...opening, demo: false }));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The folder of an installation that may be running: to look at, and not held. @throws UpError, as `open` does */
  static async look(path: string): Promise<DataFolder> {
    const folder = resolve(path);
    const found = await readMarker(folder).catch((cause: unknown) => {
      if (cause instanceof UpError) throw cause;
      throw neverStarted(folder, cause);
    });
    if (found?.started !== true) throw neverStarted(folder);
    requireUsable(found, folder, false);
    return new DataFolder(folder, false, { release: () => undefined }, found);
  }

  /** Notes that a start over it was ready: what the first one needed is not needed again. */
  async noteStarted(): Promise<void> {
    if (!this.isNew) return;
    await writeMarker(this.path, { ...this.marker, started: true });
    await rm(this.signInSecretFile, { force: true });
  }

  get database(): string {
    return join(this.path, 'database');
  }
  get blobs(): string {
    return join(this.path, 'blobs');
  }
  get keybroker(): string {
    return join(this.path, 'keybroker');
  }
  get temporary(): string {
    return join(this.path, 'tmp');
  }
  get caFile(): string {
    return join(this.keybroker, 'public', 'ca.pem');
  }
  get officersFile(): string {
    return join(this.path, 'officers.pem');
  }
  get passphraseFile(): string {
    return join(this.path, 'passphrase');
  }
  get officerKeyFile(): string {
    return join(this.path, 'officer.key.pem');
  }
  get signInSecretFile(): string {
    return join(this.path, 'sign-in-secret');
  }
  logFile(process: string): string {
    return join(this.path, 'logs', `${process}.log`);
  }
}

function newMarker({ demo, now, elsewhere = [] }: Opening): Marker {
  return { format: FORMAT, createdAt: now.toISOString(), demo, started: false, elsewhere: [...elsewhere] };
}

async function makeParts(folder: string): Promise<void> {
  const parts = ['blobs', 'logs', 'keybroker', 'tmp'];
  await Promise.all(parts.map((name) => mkdir(join(folder, name), { recursive: true, mode: 0o700 })));
}

function neverStarted(folder: string, cause?: unknown): UpError {
  const detail = `${folder} is not the data folder of an installation that was ever started.`;
  return new UpError('data_folder_foreign', 'not_found', detail, cause);
}

/**
 * Makes the folder and those above it that are missing. Not Node's own `recursive`: under /proc that one never returns.
 * @throws UpError `data_folder_unusable`
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path || (await exists(above)))
      throw new UpError(
        'data_folder_unusable',
        'invalid',
        `${path} can't be made a folder (${String(code)}).`,
        error,
      );
    await makeFolder(above);
    await makeFolder(path);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, 'castellan.json'), 'utf8');
  } catch {
    const others = (await readdir(folder)).filter((name) => name !== 'lock');
    if (others.length === 0) return undefined;
    throw new UpError(
      'data_folder_foreign',
      'conflict',
      `${folder} is not empty, and not a Castellan data folder.`,
    );
  }
  try {
    const marker: unknown = JSON.parse(text);
    requireFormat(AnyMarker.parse(marker).format, folder);
    return Marker.parse(marker);
  } catch (cause) {
    if (cause instanceof UpError) throw cause;
    throw new UpError('data_folder_foreign', 'conflict', `${folder}/castellan.json is damaged.`, cause);
  }
}

function requireFormat(format: number, folder: string): void {
  if (format !== FORMAT)
    throw new UpError(
      'data_folder_version',
      'conflict',
      `${folder} has the format ${format}; this release reads format ${FORMAT}. Use the release that wrote it.`,
    );
}

function requireUsable({ demo: wasDemo }: Marker, folder: string, demo: boolean): void {
  if (demo || wasDemo)
    throw new UpError(
      'data_folder_foreign',
      'conflict',
      `${folder} has been used before${wasDemo ? ' by a demo, whose passphrase is gone' : ''}; a demo wants a new folder.`,
    );
}

async function writeMarker(folder: string, marker: Marker): Promise<void> {
  const path = join(folder, 'castellan.json');
  await writeFile(`${path}.new`, `${JSON.stringify(marker)}\n`);
  await rename(`${path}.new`, path);
}
