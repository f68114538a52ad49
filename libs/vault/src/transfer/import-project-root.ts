import { type Actor, requireAbility } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import type { ImportedKeys, ImportKeys, KeyRecipient } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Injectable } from '@nestjs/common';
import { VaultError } from '../vault-error.js';
import { vaultEvents } from '../vault-events.js';
import { readProjectRoot } from './project-root.js';

/**
 * Takes in a project's keys that another platform sealed to a certificate of this one, and opens the project under its
 * own id, which its keys are bound to. Again does no harm: what died in between is gone on with.
 */
@Injectable()
export class ImportProjectRoot {
  constructor(
    private readonly database: Database,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
  ) {}

  /** A certificate that one package can be sealed to. @throws `not_permitted` */
  async recipient(actor: Actor): Promise<KeyRecipient> {
    const { organizationId } = actor;
    requireAbility(actor, 'create', 'RootRecipient', { organizationId });
    await this.audit.appendDurably(vaultEvents.recipientRequested(actor));
    return this.keybroker.createRootRecipient(organizationId);
  }

  /** @throws `not_permitted`, `project_name_taken`, `root_package_malformed`; of the keybroker what it refuses */
  async execute(actor: Actor, request: ImportKeys): Promise<ImportedKeys> {
    const { organizationId } = actor;
    requireAbility(actor, 'import', 'RootRecipient', { organizationId });
    const { header } = readProjectRoot(request.package);
    const { projectId: id } = header;
    const name = request.name ?? header.project;
    const project = { id, name, organizationId };
    await this.#requireFreeName(project);
    await this.audit.appendDurably(vaultEvents.importRequested(actor, project, request.sender));
    const { package: envelope, sender } = request;
    const imported = await this.keybroker.importRoot(organizationId, { package: envelope, sender });
    await this.database.transaction(async (tx) => {
      const known = await tx.project.findUnique({ where: { id } });
      if (known !== null) return;
      await tx.project.create({ data: project });
      await this.audit.append(tx, vaultEvents.projectImported(actor, project, imported.versions));
    });
    return imported;
  }

  async #requireFreeName({ id, name, organizationId }: { id: string; name: string; organizationId: string }) {
    const known = await this.database.client.project.findFirst({
      where: { OR: [{ id }, { organizationId, name }] },
    });
    if (known === null || (known.id === id && known.organizationId === organizationId)) return;
    throw new VaultError('project_name_taken', {
      kind: 'conflict',
      publicDetail: `There is a project "${name}" here already that is not the one the keys are for. Take them in under another name.`,
    });
  }
}
