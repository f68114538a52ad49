/**
 * Compiles every package's `src` to its `dist` in one process (swc, file by file), skipping files whose
 * output is newer, then bundles the processes. `node .ci/build.js [--clean]`. The console is built by Vite, the Prisma client
 * by `npm run generate`.
 */
import { transformFile } from '@swc/core';
import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { bundle } from './bundle.js';

const clean = process.argv.includes('--clean');

async function* packages(directory) {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name === 'console') continue;
    const path = join(directory, entry.name);
    const inside = await readdir(path);
    if (inside.includes('package.json')) yield path;
    else yield* packages(path);
  }
}

async function* files(directory) {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

const modifiedAt = (path) =>
  stat(path).then(
    (s) => s.mtimeMs,
    () => 0,
  );

async function compile(source, target) {
  if ((await modifiedAt(target)) > (await modifiedAt(source))) return false;
  await mkdir(dirname(target), { recursive: true });
  const { code, map } = await transformFile(source, { sourceMaps: true });
  const mapName = target.split('/').at(-1) + '.map';
  await writeFile(target + '.map', map ?? '');
  await writeFile(target, `${code}\n//# sourceMappingURL=${mapName}\n`);
  return true;
}

let compiled = 0;
const started = Date.now();
for (const folder of ['libs', 'apps']) {
  for await (const path of packages(folder)) {
    const source = join(path, 'src');
    const dist = join(path, 'dist');
    if (clean) await rm(dist, { recursive: true, force: true });
    const work = [];
    const expected = new Set();
    for await (const file of files(source)) {
      const target = join(dist, relative(source, file));
      if (file.endsWith('.spec.ts') || file.endsWith('.d.ts')) continue;
      if (file.endsWith('.ts')) {
        const out = target.replace(/\.ts$/, '.js');
        expected.add(out).add(out + '.map');
        work.push(compile(file, out));
      } else {
        expected.add(target);
        work.push(mkdir(dirname(target), { recursive: true }).then(() => copyFile(file, target)));
      }
    }
    compiled += (await Promise.all(work)).filter((done) => done === true).length;
    if ((await modifiedAt(dist)) > 0) {
      for await (const old of files(dist)) if (!expected.has(old)) await rm(old);
    }
  }
}
if (compiled > 0 || (await modifiedAt('dist/castellan.js')) === 0) await bundle();
console.log(`build: ${compiled} files compiled in ${Date.now() - started} ms`);
