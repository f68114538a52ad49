import { createHash } from 'node:crypto';
import { PredicateReader } from './predicate-reader.js';
import { TrustError } from './trust-error.js';

const MANIFEST_FORMAT = 'castellan.manifest/v1';

/** The part of a version's manifest that matters to the decision and to whoever checks the files. */
export interface VersionManifest {
  readonly organization: string;
  readonly project: string;
  readonly model: string;
  readonly number: number;
  readonly author: string;
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Root of its digest tree; absent where the manifest names none. */
  readonly sha256Tree?: string;
}

/**
 * Reads a manifest whose SHA-256 is the version's digest.
 *
 * Members beyond these are covered by the digest and don't take part in the decision.
 *
 * @throws TrustError `manifest_mismatch` when text and digest don't belong together; `document_malformed`
 */
export function readManifest(text: string, versionDigest: string): VersionManifest {
  const digest = createHash('sha256').update(text, 'utf8').digest('hex');
  if (digest !== versionDigest) {
    throw new TrustError('manifest_mismatch', `The manifest has the digest ${digest}, not ${versionDigest}.`);
  }
  const reader = new PredicateReader(parseJson(text), 'manifest');
  reader.oneOf('format', [MANIFEST_FORMAT]);
  const files = reader.list('files', (file) => ({
    path: file.text('path'),
    sizeBytes: file.wholeNumber('sizeBytes'),
    sha256: file.sha256('sha256'),
    ...(file.has('sha256Tree') && { sha256Tree: file.sha256('sha256Tree') }),
  }));
  if (new Set(files.map(({ path }) => path)).size !== files.length) {
    throw new TrustError('document_malformed', 'The manifest names a path twice.');
  }
  return {
    organization: reader.name('organization'),
    project: reader.name('project'),
    model: reader.name('model'),
    number: reader.positiveInteger('number'),
    author: reader.name('author'),
    files,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrustError('document_malformed', 'The manifest is not JSON.', cause);
  }
}
