import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TimeStampAuthority } from '@castellan/audit';
import { CastellanError } from '@castellan/errors';
import type { JobsConfig } from '../jobs.config.js';

/**
 * The authority of the settings, or none. Refuses to start half-configured: a time stamp that nobody could check would look
 * like proof.
 */
export async function timeStampAuthority({
  tsaUrl,
  tsaCaFile,
}: Pick<JobsConfig, 'tsaUrl' | 'tsaCaFile'>): Promise<TimeStampAuthority | undefined> {
  if (tsaUrl === undefined) return undefined;
  if (tsaCaFile === undefined) throw unusable('AUDIT_TSA_URL needs AUDIT_TSA_CA_FILE.');
  try {
    const pem = await readFile(tsaCaFile, 'utf8');
    new X509Certificate(pem);
    return { url: tsaUrl, trusted: [pem] };
  } catch (cause) {
    throw unusable('AUDIT_TSA_CA_FILE is not a certificate in PEM that can be read.', cause);
  }
}

function unusable(publicDetail: string, cause?: unknown): CastellanError {
  return new CastellanError({ code: 'time_stamp_authority_unusable', kind: 'invalid', publicDetail, cause });
}
