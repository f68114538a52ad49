import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { p256PublicKeyFromPem } from '@castellan/dsse';
import { CastellanError } from '@castellan/errors';
import { generateKeyFile, publicPart, readKeyFile } from '../keys/key-file.js';
import { UsageError } from '../usage-error.js';
import type { DataFolder } from './data-folder.js';

export interface Officers {
  /** The private key that was made because nobody brought one. */
  readonly generatedKey?: string;
}

/**
 * Whom the keybroker will believe: the officers' public keys, in the file that it pins at its first start. After that start
 * the file says nothing any more. A first start that was interrupted goes on with the officers that it had, unless others
 * are given now.
 *
 * @throws UsageError naming a file that can't be read, or isn't a P-256 public key
 */
export async function officersFor(folder: DataFolder, publicKeyFiles: readonly string[]): Promise<Officers> {
  if (!folder.isNew) return {};
  const given = await Promise.all(publicKeyFiles.map(readPublicKey));
  if (given.length > 0) return writeOfficers(folder, given, {});
  const generatedKey = folder.officerKeyFile;
  const generated = existsSync(generatedKey);
  if (existsSync(folder.officersFile)) return generated ? { generatedKey } : {};
  const { publicKey } = generated
    ? publicPart(await readKeyFile(generatedKey, withoutPassphrase))
    : await generateKeyFile(generatedKey);
  return writeOfficers(folder, [publicKey], { generatedKey });
}

/** What an interrupted start has made is not encrypted. */
function withoutPassphrase(): Promise<string> {
  return Promise.resolve('');
}

async function readPublicKey(file: string): Promise<string> {
  try {
    const pem = await readFile(file, 'utf8');
    p256PublicKeyFromPem(pem);
    return pem;
  } catch (cause) {
    const why = cause instanceof CastellanError ? cause.publicDetail : "It can't be read.";
    throw new UsageError(`${file} is not an officer's public key. ${why}`, cause);
  }
}

async function writeOfficers(folder: DataFolder, pems: readonly string[], made: Officers): Promise<Officers> {
  await writeFile(`${folder.officersFile}.new`, pems.map((pem) => `${pem.trim()}\n`).join(''));
  await rename(`${folder.officersFile}.new`, folder.officersFile);
  return made;
}
