import { RegistryError } from '../registry-error.js';

export const TUS_VERSION = '1.0.0';
export const TUS_EXTENSIONS = 'creation,creation-with-upload,expiration,termination';

/** Largest length that a number holds exactly. */
const MAX_LENGTH_BYTES = Number.MAX_SAFE_INTEGER;

/** @throws tus_version_unsupported: every request but OPTIONS says which protocol it speaks */
export function requireTus(version: string | undefined): void {
  if (version === TUS_VERSION) return;
  throw new RegistryError('tus_version_unsupported', {
    kind: 'invalid',
    publicDetail: `Uploads by pieces speak tus: send "Tus-Resumable: ${TUS_VERSION}".`,
    meta: { supported: TUS_VERSION },
  });
}

/** A count of bytes from a header. @throws upload_invalid */
export function byteCount(name: string, text: string | undefined): number {
  const count = /^\d{1,16}$/.test(text ?? '') ? Number(text) : NaN;
  if (count <= MAX_LENGTH_BYTES) return count;
  throw invalid(`The header ${name} must be a number of bytes.`);
}

/**
 * The path from `Upload-Metadata` (comma-separated `key base64` pairs): `path`, else what common clients send by themselves.
 * @throws upload_invalid
 */
export function pathOf(metadata: string | undefined): string {
  const pairs = new Map(
    (metadata ?? '').split(',').map((pair) => {
      const [key = '', value = ''] = pair.trim().split(' ');
      return [key, value];
    }),
  );
  const encoded = pairs.get('path') ?? pairs.get('filename') ?? pairs.get('name');
  if (encoded !== undefined) return decoded(encoded);
  throw invalid('Say in Upload-Metadata which file it is: "path <base64 of its path in the version>".');
}

export function metadataOf(path: string): string {
  return `path ${Buffer.from(path).toString('base64')}`;
}

function decoded(base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw invalid('The path in Upload-Metadata is not UTF-8.');
  }
}

function invalid(publicDetail: string): RegistryError {
  return new RegistryError('upload_invalid', { kind: 'invalid', publicDetail });
}
