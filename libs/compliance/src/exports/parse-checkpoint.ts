import type { CoveringTree } from './formats/row-format.js';

/** The first three lines of a checkpoint (C2SP tlog-checkpoint); whether its signature holds is for verifiers. */
export function parseCheckpoint(note: string): CoveringTree {
  const [origin = '', size = '', root = ''] = note.split('\n');
  return { origin, size, root };
}
