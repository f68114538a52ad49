import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');
const app = join(root, 'apps/console');
const lock = join(app, 'dist.lock');
const LOCK_STALE_MS = 120_000;

/** The folder of the built console, built again when a source is newer. Specs that start together build it once. */
export async function builtConsole(): Promise<string> {
  const folder = join(app, 'dist');
  if (await isFresh(folder)) return folder;
  await locked(async () => {
    if (!(await isFresh(folder))) await build();
  });
  return folder;
}

async function isFresh(folder: string): Promise<boolean> {
  const built = await changed(join(folder, 'index.html'));
  const files = await readdir(join(app, 'src'), { recursive: true });
  const sources = [
    ...files.map((file) => join(app, 'src', file)),
    join(app, 'index.html'),
    join(app, 'vite.config.ts'),
  ];
  const times = await Promise.all(sources.map(changed));
  return built > Math.max(...times);
}

async function changed(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

function build(): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', app, '--logLevel', 'warn'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' },
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`vite build ended with ${code}`)),
    );
  });
}

/** A folder is made by one process at a time. One left behind by a killed run is taken over. */
async function locked(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch {
      if (Date.now() - (await changed(lock)) > LOCK_STALE_MS)
        await rm(lock, { recursive: true, force: true });
      await sleep(200);
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}
