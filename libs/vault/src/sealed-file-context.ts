import { canonicalize } from '@castellan/canonical-json';

/** What a sealed file is bound to: its data key (and so its version or dataset) and its path. */
export function sealedFileContext(dataKeyId: string, path: string): Uint8Array {
  return Buffer.from(canonicalize({ dataKey: dataKeyId, path }));
}
