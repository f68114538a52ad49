import { actorOf, type AccessRules, type Actor } from '@castellan/access';
import { Database } from '@castellan/database';
import { registryRules } from '@castellan/registry';
import { Injectable } from '@nestjs/common';
import { Role } from '@castellan/contracts';
import { privacyRules } from '../privacy-rules.js';
import { PrivacyError } from '../privacy-error.js';

const rules: readonly AccessRules[] = [privacyRules, registryRules];

/**
 * Whoever asked for a pipeline, with the roles that they have now: each step is judged as if they asked for it at this
 * moment. The events name the task where they would name a credential.
 */
@Injectable()
export class PipelineActor {
  constructor(private readonly database: Database) {}

  /** @throws not_permitted when they have left */
  async of(task: { readonly id: string; readonly requestedById: string }): Promise<Actor> {
    const person = await this.database.client.person.findUnique({
      where: { id: task.requestedById },
      include: { organization: true, bindings: true },
    });
    if (person === null || person.disabledAt !== null)
      throw new PrivacyError('pipeline_refused', {
        kind: 'forbidden',
        publicDetail: 'Whoever asked for this pipeline is not here any more.',
      });
    const roles = person.bindings.map(({ role, projectId }) => ({ role: Role.parse(role), projectId }));
    return actorOf(
      {
        personId: person.id,
        name: person.name,
        organizationId: person.organizationId,
        organizationName: person.organization.name,
        roles,
        credentialId: task.id,
        deployments: [],
      },
      rules,
    );
  }
}
