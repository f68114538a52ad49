import { CosignerKey, NoteError } from '@castellan/signed-note';
import { AuditError } from '../audit-error.js';

/** Somebody elsewhere who sees that the log only grows (C2SP tlog-witness). */
export interface Witness {
  /** The submission prefix, without a slash at its end. */
  readonly url: string;
  readonly key: CosignerKey;
}

/**
 * Reads `<url> <verifier key>` a line, or separated by `;`.
 * @throws AuditError `witness_malformed`
 */
export function readWitnesses(text: string): Witness[] {
  const lines = text.split(/[\n;]/).map((line) => line.trim());
  return lines.filter((line) => line !== '').map(readWitness);
}

function readWitness(line: string): Witness {
  const [url = '', vkey = '', ...rest] = line.split(/\s+/);
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '') || rest.length > 0)
    throw malformed(`"${line}" is not an http(s) address and a verifier key.`);
  try {
    return { url: url.replace(/\/+$/, ''), key: CosignerKey.parse(vkey) };
  } catch (cause) {
    if (cause instanceof NoteError) throw malformed(`${url}: ${cause.publicDetail}`, cause);
    throw cause;
  }
}

function malformed(publicDetail: string, cause?: unknown): AuditError {
  return new AuditError('witness_malformed', { kind: 'invalid', publicDetail, cause });
}
