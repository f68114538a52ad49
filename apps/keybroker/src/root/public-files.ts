import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Root } from './root.js';

/**
 * Writes what everybody may know to `<folder>/public`: the authority's certificate, the log's verifier key and the pinned
 * officers. Copies for others to pick up; the broker never reads them.
 */
export async function writePublicFiles(
  folder: string,
  { authority, logSigner, officers }: Root,
): Promise<void> {
  const place = join(folder, 'public');
  await mkdir(place, { recursive: true });
  const listed = officers.map(({ keyId, name, publicKey }) => ({ keyId, name, publicKey }));
  const files = {
    'ca.pem': authority.certificatePem,
    'log.vkey': `${logSigner.verifierKey}\n`,
    'officers.json': `${JSON.stringify(listed, null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(place, name);
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  }
}
