import { createHash } from 'node:crypto';
import type { Review } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';

/** The version digest that the manifest itself gives: what a reviewer signs doesn't rest on the server's word. */
export function requireOwnDigest({ manifest, version }: Review): string {
  const digest = createHash('sha256').update(manifest, 'utf8').digest('hex');
  if (version.digest === digest) return digest;
  throw new CastellanError({
    code: 'manifest_mismatch',
    kind: 'internal',
    publicDetail:
      'The manifest that the server shows is not the one that the version digest names. Do not sign.',
  });
}
