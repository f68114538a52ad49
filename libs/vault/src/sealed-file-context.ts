import { canonicalize } from '@castellan/canonical-json';

/**
 * What a sealed blob is bound to: its data key (and so its version or dataset), its file's path, and where in the file it
 * begins, so that segments can't change places. A blob that begins at 0 doesn't say so.
 */
export function sealedFileContext(dataKeyId: string, path: string, startBytes = 0): Uint8Array {
  const file = { dataKey: dataKeyId, path };
  return Buffer.from(canonicalize(startBytes === 0 ? file : { ...file, start: startBytes }));
}
