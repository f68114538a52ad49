import type { Role } from '@castellan/contracts';
import type { Ability } from './ability/ability.js';

/** A role somebody holds: in one project, or in the whole organisation when there is none. */
export interface HeldRole {
  readonly role: Role;
  readonly projectId: string | null;
}

/** Somebody who has shown who they are. */
export interface Identity {
  readonly personId: string;
  /** The short handle that signatures name. */
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly roles: readonly HeldRole[];
  readonly credentialId: string;
  /** Public half of the person's key: name and address go into the log sealed under it. */
  readonly sealTo?: Uint8Array;
  /** Deployments that the key is limited to; empty: no limit. */
  readonly deployments: readonly string[];
}

/** Who is asking, and what they may do. Made anew for each request, so that a change takes effect at once. */
export interface Actor extends Identity {
  readonly ability: Ability;
}
