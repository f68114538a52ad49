import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** 192 bits as text. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** The secret in a file (0600), made at first use: a start that was interrupted goes on with the same one. */
export async function keptSecret(file: string): Promise<string> {
  const found = await readSecret(file);
  if (found !== undefined) return found;
  const made = newSecret();
  await writeFile(`${file}.new`, `${made}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made;
}

/** Undefined when there is no such file. */
export async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (error !== null && typeof error === 'object' && 'code' in error && error.code === 'ENOENT')
      return undefined;
    throw error;
  }
}
