import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility, visible } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { CreateDeployment as CreateDeploymentRequest } from '@castellan/contracts';
import { Database, type Tx } from '@castellan/database';
import { VersionStore } from '@castellan/registry';
import { servingEvents } from '../serving-events.js';
import { ServingError } from '../serving-error.js';
import { deploymentExists, type DeploymentRow, DeploymentStore } from './deployment-store.js';

/**
 * Asks for a version to be served under a name. Whether it may be is not looked at: the keybroker decides that when a
 * worker asks for the key, and a deployment of a version without approvals shows why it waits.
 */
@Injectable()
export class CreateDeployment {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionStore,
    private readonly deployments: DeploymentStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws version_unknown, version_not_finalized, not_permitted, deployment_exists, deployment_name_taken */
  async execute(actor: Actor, request: CreateDeploymentRequest): Promise<DeploymentRow> {
    const target = await this.#target(actor, request.version);
    return this.database.transaction(async (tx) => {
      const deployment = await this.#start(tx, actor, request.name, target);
      await this.audit.append(tx, servingEvents.deploymentCreated(actor, deployment));
      return deployment;
    });
  }

  async #target(actor: Actor, ref: string): Promise<{ projectId: string; versionId: string }> {
    const version = await this.versions.visibleByRef(visible(actor, 'Version'), ref);
    if (version === null) {
      throw new ServingError('version_unknown', {
        kind: 'not_found',
        publicDetail: `There is no version "${ref}". Name it by id or as model@number.`,
      });
    }
    const { organizationId, projectId } = version.model;
    requireAbility(actor, 'create', 'Deployment', { organizationId, projectId });
    if (version.digest === null) {
      throw new ServingError('version_not_finalized', {
        kind: 'conflict',
        publicDetail: `Version "${ref}" is still being uploaded; finalise it first.`,
      });
    }
    return { projectId, versionId: version.id };
  }

  async #start(
    tx: Tx,
    actor: Actor,
    name: string,
    target: { projectId: string; versionId: string },
  ): Promise<DeploymentRow> {
    const { organizationId, personId: createdById } = actor;
    const present = await this.deployments.lockByName(tx, name);
    if (present === null) {
      return this.deployments.create(tx, { organizationId, name, createdById, ...target });
    }
    if (present.organizationId !== organizationId) throw nameTaken(name);
    requireAbility(actor, 'create', 'Deployment', present);
    if (present.desired === 'running') throw deploymentExists(name);
    return this.deployments.restart(tx, present.id, { createdById, ...target });
  }
}

function nameTaken(name: string): ServingError {
  return new ServingError('deployment_name_taken', {
    kind: 'conflict',
    publicDetail: `The name "${name}" is taken. Names are unique on the gateway; choose another.`,
  });
}
