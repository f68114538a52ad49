import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { FilePath } from '@castellan/contracts';
import { UsageError } from '../usage-error.js';

/** A file on this machine, under the path that it will have in the version. */
export interface LocalFile {
  readonly file: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last changed: one that was changed meanwhile is another file. */
  readonly changedMs: number;
}

/**
 * The files of a version: those named, and those below the folders named, under their paths within the folder. What a
 * folder hides (`.git`, `.DS_Store`) is left out.
 *
 * @throws UsageError naming the file that isn't there, can't be part of a version, stands outside its folder by way of a
 *   link, or has the name of another
 */
export async function localFiles(named: readonly string[]): Promise<LocalFile[]> {
  const found = (await Promise.all(named.map(filesAt))).flat();
  for (const { file, path } of found) requireFilePath(file, path);
  const twice = found.find(({ path }, at) => found.findIndex((other) => other.path === path) < at);
  if (twice !== undefined)
    throw new UsageError(
      `Two of the files have the same name, ${twice.path}; a version holds each path once.`,
    );
  if (found.length === 0) throw new UsageError('There are no files in what was named.');
  return found;
}

async function filesAt(name: string): Promise<LocalFile[]> {
  const found = await stat(name).catch((cause: unknown) => {
    throw new UsageError(`${name} can't be read.`, cause);
  });
  if (found.isFile()) return [describeFile(name, basename(name), found)];
  if (found.isDirectory()) return filesBelow(name, await realpath(name));
  throw new UsageError(`${name} is neither a file nor a folder.`);
}

async function filesBelow(folder: string, root: string): Promise<LocalFile[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  const visible = names.filter((name) => !name.split(sep).some((part) => part.startsWith('.')));
  const files = await Promise.all(
    visible.map(async (name) => {
      const file = join(folder, name);
      await requireInside(file, root);
      const found = await stat(file);
      return found.isFile() ? [describeFile(file, name.split(sep).join('/'), found)] : [];
    }),
  );
  return files.flat();
}

/** A folder that somebody else packed must not bring in files from elsewhere. */
async function requireInside(file: string, root: string): Promise<void> {
  if (!(await lstat(file)).isSymbolicLink()) return;
  const target = await realpath(file).catch((cause: unknown) => {
    throw new UsageError(`${file} is a link to nothing.`, cause);
  });
  if (!relative(root, target).startsWith('..')) return;
  throw new UsageError(
    `${file} is a link out of its folder, to ${target}. Name that file itself if it is meant.`,
  );
}

function describeFile(file: string, path: string, found: { size: number; mtimeMs: number }): LocalFile {
  return { file, path, sizeBytes: found.size, changedMs: found.mtimeMs };
}

function requireFilePath(file: string, path: string): void {
  const checked = FilePath.safeParse(path);
  if (checked.success) return;
  const why = checked.error.issues[0]?.message ?? '';
  throw new UsageError(`${JSON.stringify(file)} can't be part of a version: ${why}.`);
}
