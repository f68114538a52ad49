import type { Stage } from '@castellan/contracts';
import { ServingPill } from './serving-pill.js';
import { StagePill } from './stage-pill.js';

/** Where a version serves; where it doesn't, its stage. */
export function StateOf({ stage, serving }: { readonly stage: Stage; readonly serving: readonly string[] }) {
  return serving.length > 0 ? <ServingPill names={serving} /> : <StagePill stage={stage} />;
}
