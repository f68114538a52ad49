import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signDestroyedList } from '@castellan/vault';
import type { Root } from './root.js';

/**
 * Writes what everybody may know to `<folder>/public`: the authority's certificate, the log's verifier key and the pinned
 * officers. Copies for others to pick up; the broker never reads them.
 */
export async function writePublicFiles(
  folder: string,
  { authority, logSigner, officers }: Root,
): Promise<void> {
  const listed = officers.map(({ keyId, name, publicKey }) => ({ keyId, name, publicKey }));
  const files = {
    'ca.pem': authority.certificatePem,
    'log.vkey': `${logSigner.verifierKey}\n`,
    'officers.json': `${JSON.stringify(listed, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) await writePublicFile(folder, name, text);
}

/** What was destroyed for good, signed, in `<folder>/public/destroyed.note`: for whoever restores an older backup one day. */
export function writeDestroyedList(
  folder: string,
  { logSigner }: Root,
  destroyed: readonly string[],
): Promise<void> {
  return writePublicFile(folder, 'destroyed.note', signDestroyedList(destroyed, logSigner));
}

async function writePublicFile(folder: string, name: string, text: string): Promise<void> {
  const place = join(folder, 'public');
  await mkdir(place, { recursive: true });
  const path = join(place, name);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
