import { Injectable } from '@nestjs/common';
import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { CreateModel as CreateModelRequest } from '@castellan/contracts';
import { Database, type Tx } from '@castellan/database';
import { registryEvents } from '../registry-events.js';
import { RegistryError } from '../registry-error.js';
import { type ModelRow, ModelStore } from './model-store.js';

/** Opens a model: a name under which versions are published. */
@Injectable()
export class CreateModel {
  constructor(
    private readonly database: Database,
    private readonly models: ModelStore,
    private readonly audit: AuditLog,
  ) {}

  execute(actor: Actor, request: CreateModelRequest): Promise<ModelRow> {
    return this.database.transaction((tx) => this.within(tx, actor, request));
  }

  /** The same, as part of a change that needs the model. */
  async within(tx: Tx, actor: Actor, request: CreateModelRequest): Promise<ModelRow> {
    const { organizationId } = actor;
    const project = await this.models.projectByName(tx, organizationId, request.project);
    if (project === null) throw projectUnknown(request.project);
    requireAbility(actor, 'create', 'Model', { organizationId, projectId: project.id });
    if (await this.models.existsByName(tx, organizationId, request.name)) throw modelExists(request.name);
    const { name, description } = request;
    const model = await this.models.create(tx, {
      organizationId,
      projectId: project.id,
      name,
      description,
    });
    await this.audit.append(tx, registryEvents.modelCreated(actor, model));
    return model;
  }
}

function projectUnknown(name: string): RegistryError {
  return new RegistryError('project_unknown', {
    kind: 'not_found',
    publicDetail: `Your organisation has no project "${name}".`,
  });
}

function modelExists(name: string): RegistryError {
  return new RegistryError('model_exists', {
    kind: 'conflict',
    publicDetail: `A model called "${name}" exists already; publish a new version of it instead.`,
  });
}
