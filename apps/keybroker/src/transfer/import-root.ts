import type { AuditLog } from '@castellan/audit';
import type { ImportedKeys, RootImportRequest } from '@castellan/contracts';
import type { Peer } from '@castellan/http';
import { openProjectRoot, readProjectRoot, requireSender, type ReadProjectRoot } from '@castellan/vault';
import { CastellanError } from '@castellan/errors';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import type { KeyMemory } from '../keys/key-memory.js';
import type { ProjectKeys } from '../keys/project-keys.js';
import type { ProveRecorded } from '../release/prove-recorded.js';
import type { RootRecipients } from './root-recipients.js';

/**
 * Takes a project's keys in that another platform sealed to a certificate of this one. They only open: new data goes under a
 * version that is made here at once, which the sender does not know. What the sender destroyed stays destroyed here.
 *
 * Each certificate receives one package. The same one again goes on where it was left, and brings nothing back that was
 * destroyed since. Imports take turns.
 */
export class ImportRoot {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly recipients: RootRecipients,
    private readonly projectKeys: ProjectKeys,
    private readonly memory: KeyMemory,
    private readonly journal: ProveRecorded,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @throws KeybrokerError `root_recipient_unknown`, `root_recipient_spent`, `root_organization_differs`,
   * `project_has_keys`, `project_destroyed`; VaultError `root_package_malformed`, `root_package_untrusted`,
   * `root_package_unopened`; PkiError `recipient_not_valid_now`
   */
  import(request: RootImportRequest, peer: Peer): Promise<ImportedKeys> {
    const done = this.#turn.then(() => this.#recordingRefusals(request, peer));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #recordingRefusals(request: RootImportRequest, peer: Peer): Promise<ImportedKeys> {
    try {
      return await this.#import(request, peer);
    } catch (refusal) {
      if (refusal instanceof CastellanError && refusal.kind !== 'unavailable') {
        const fields = { actor: actorOf(peer), decision: 'deny', reason: refusal.code } as const;
        const { organizationId } = request;
        await this.audit.appendDurably(
          keybrokerEvents.event('root.import-refused', { ...fields, organizationId }),
        );
      }
      throw refusal;
    }
  }

  async #import(request: RootImportRequest, peer: Peer): Promise<ImportedKeys> {
    const { organizationId } = request;
    const root = readProjectRoot(request.package);
    const { header, digest } = root;
    await this.recipients.find(header.recipient, organizationId);
    requireSender(root, request.sender);
    await this.#requireOwn(root, organizationId);
    const received = this.memory.received(header.recipient);
    if (received !== undefined && received !== digest) throw spent();
    if (received === undefined) await this.#takeIn(root, request, peer);
    return this.#finish(root, organizationId, peer);
  }

  async #requireOwn({ header }: ReadProjectRoot, organizationId: string): Promise<void> {
    const organization = await this.recipients.organization(organizationId);
    if (header.organization === organization) return;
    throw new KeybrokerError({
      code: 'root_organization_differs',
      kind: 'forbidden',
      publicDetail: `The keys are of a project of "${header.organization}", and what is signed about it names that; yours is "${organization}".`,
    });
  }

  async #takeIn(root: ReadProjectRoot, request: RootImportRequest, peer: Peer): Promise<void> {
    const { header, digest } = root;
    const { organizationId, sender } = request;
    await this.projectKeys.requireNew(header.projectId, header.keys);
    const privateKey = await this.recipients.open(header.recipient, organizationId);
    const { privateKeys, destroyed } = openProjectRoot(root, privateKey);
    const { projectId, recipient, keys } = header;
    try {
      await this.journal.record(
        keybrokerEvents.event('root.imported', {
          actor: actorOf(peer),
          decision: 'allow',
          organizationId,
          resource: { kind: 'project', id: projectId, digest },
          details: {
            project: header.project,
            sender,
            recipient,
            versions: keys.map(({ version }) => version),
          },
        }),
      );
      const named = keys.map(({ id, version }, n) => ({
        id,
        version,
        raw: privateKeys[n] ?? Buffer.alloc(0),
      }));
      await this.projectKeys.storeForeign(projectId, named);
    } finally {
      for (const raw of privateKeys) raw.fill(0);
    }
    const newest = newestOf(root);
    await this.memory.adopt(projectId, newest, { recipient, digest, destroyed });
  }

  /** The version that new data goes under, and the end of the certificate's key. */
  async #finish(root: ReadProjectRoot, organizationId: string, peer: Peer): Promise<ImportedKeys> {
    const { header } = root;
    const { projectId, project, recipient, keys } = header;
    const { version } = newestOf(root);
    const current =
      this.memory.newest(projectId)?.version === version
        ? await this.projectKeys.rotate(projectId, version, peer, organizationId)
        : await this.projectKeys.newest(projectId);
    await this.recipients.erase(recipient);
    const versions = keys.map((key) => key.version);
    return { projectId, project, versions, current: current?.version ?? version };
  }
}

function newestOf({ header: { keys } }: ReadProjectRoot): { id: string; version: number } {
  return keys.reduce((newest, key) => (key.version > newest.version ? key : newest));
}

function spent(): KeybrokerError {
  return new KeybrokerError({
    code: 'root_recipient_spent',
    kind: 'conflict',
    publicDetail:
      'The certificate has received another package already. Make a new one, and have the keys sealed to that.',
  });
}
