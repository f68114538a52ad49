import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility, visible } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { servingEvents } from '../serving-events.js';
import { deploymentUnknown } from './deployment-unknown.js';
import { DeploymentStore } from './deployment-store.js';

/** Asks for a deployment to run no more. Stopping what is stopped changes nothing and records nothing. */
@Injectable()
export class StopDeployment {
  constructor(
    private readonly database: Database,
    private readonly deployments: DeploymentStore,
    private readonly audit: AuditLog,
  ) {}

  /** @throws deployment_unknown, also for one that the actor may not see; not_permitted */
  async execute(actor: Actor, name: string): Promise<void> {
    const seen = await this.deployments.visibleByName(visible(actor, 'Deployment'), name);
    if (seen === null) throw deploymentUnknown(name);
    requireAbility(actor, 'stop', 'Deployment', seen);
    await this.database.transaction(async (tx) => {
      const present = await this.deployments.lockByName(tx, name);
      if (present?.desired !== 'running') return;
      const stopped = await this.deployments.stop(tx, present.id);
      await this.audit.append(tx, servingEvents.deploymentStopped(actor, stopped));
    });
  }
}
