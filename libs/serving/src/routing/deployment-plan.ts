import type { Phase } from '@castellan/contracts';
import type { Signature } from '@castellan/tensors';
import type { DesiredDeployment } from './route.js';

/** What people see of a deployment. Informative: nothing is decided from it. */
export interface RecordedStatus {
  readonly phase: Phase;
  readonly reason?: string;
  readonly message?: string;
  readonly versionDigest?: string;
  readonly signature?: Signature;
}

export interface PlannedDeployment extends DesiredDeployment {
  /** As last recorded; absent when it never was, or since it was last started. */
  readonly status?: RecordedStatus;
}

/** What should run, as the reconciler reads it, and what runs, as it tells. Each call stands by itself. */
export abstract class DeploymentPlan {
  /** Every deployment that should run, committed before the call began. */
  abstract running(): Promise<readonly PlannedDeployment[]>;
  /** A deployment that is gone meanwhile is passed over in silence. */
  abstract record(deploymentId: string, status: RecordedStatus): Promise<void>;
  /** Records of every deployment that should not run that it is stopped. */
  abstract recordStopped(): Promise<void>;
}
