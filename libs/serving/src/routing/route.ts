import type { Evaluation, Phase } from '@castellan/contracts';
import type { Signature } from '@castellan/tensors';

/** A deployment that should run. */
export interface DesiredDeployment {
  readonly deploymentId: string;
  readonly organizationId: string;
  readonly projectId: string;
  readonly name: string;
  readonly model: string;
  readonly number: number;
  readonly versionId: string;
}

/** A worker that has the deployment's version loaded. */
export interface ReadyWorker {
  readonly address: string;
  readonly versionDigest: string;
  readonly platform: string;
  readonly signature: Signature;
}

export type RefusalReason = Evaluation['reasons'][number];

/** Where a deployment's predictions go, or why they go nowhere. */
export interface Route extends DesiredDeployment {
  /** `ready` exactly when there is at least one worker. */
  readonly phase: Phase;
  readonly workers: readonly ReadyWorker[];
  readonly reason?: string;
  readonly message?: string;
  /** Why the keybroker does not let the version be served; empty when it does, or was not asked. */
  readonly refusals: readonly RefusalReason[];
}

/** The refusals in the keybroker's words, each a sentence. */
export function refusalText(refusals: readonly RefusalReason[]): string {
  return refusals.map(({ detail }) => (detail.endsWith('.') ? detail : `${detail}.`)).join(' ');
}
