import { readFile } from 'node:fs/promises';
import { VerifierKey } from '@castellan/signed-note';
import { CastellanError } from '@castellan/errors';
import { UsageError } from '../usage-error.js';

/** A log's verifier key, given as text (`name+hash+base64`) or as a file that holds it. @throws UsageError */
export async function logKey(given: string): Promise<string> {
  const text = given.includes('+') ? given : await fileText(given);
  try {
    return VerifierKey.parse(text.trim()).toString();
  } catch (cause) {
    const reason = cause instanceof CastellanError ? cause.publicDetail : String(cause);
    throw new UsageError(`--vkey: ${reason}`, cause);
  }
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`--vkey: ${path} can't be read.`, cause);
  }
}
