import { createHash } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import type { Manifest, ManifestFile } from '@castellan/contracts';

export interface ManifestFacts {
  readonly organization: string;
  readonly project: string;
  readonly model: string;
  readonly number: number;
  /** Bound into the digest, so that "author ≠ reviewer" cannot be got round by editing a row. */
  readonly author: string;
  readonly createdAt: Date;
  /** Absent: it was made here. */
  readonly origin?: string | undefined;
  readonly files: readonly ManifestFile[];
}

export interface SealedManifest {
  /** Canonical JSON (RFC 8785). */
  readonly text: string;
  /** Lowercase hex SHA-256 of the text's UTF-8 bytes: the version's identity. */
  readonly digest: string;
}

/** Fixes what a version is. Files are sorted by path in UTF-16 code units, so that one set of files has one digest. */
export function sealManifest(facts: ManifestFacts): SealedManifest {
  const files = facts.files
    .map(({ path, sizeBytes, sha256, sha256Tree }) => ({
      path,
      sizeBytes,
      sha256,
      ...(sha256Tree !== undefined && { sha256Tree }),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const manifest: Manifest = {
    format: 'castellan.manifest/v1',
    organization: facts.organization,
    project: facts.project,
    model: facts.model,
    number: facts.number,
    author: facts.author,
    createdAt: facts.createdAt.toISOString(),
    ...(facts.origin !== undefined && { origin: facts.origin }),
    files,
  };
  const text = canonicalize(manifest);
  return { text, digest: createHash('sha256').update(text, 'utf8').digest('hex') };
}
