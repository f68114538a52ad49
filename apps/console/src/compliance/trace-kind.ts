import type { TraceNode } from '@castellan/contracts';

/** The name of a kind among translations. */
export function kindKey(kind: TraceNode['kind']) {
  if (kind === 'key-release') return 'key_release';
  if (kind === 'masked-copy') return 'masked_copy';
  return kind === 'synthetic-table' ? 'synthetic_table' : kind;
}
