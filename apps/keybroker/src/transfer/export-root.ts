import { randomUUID } from 'node:crypto';
import type { Clock } from '@castellan/audit';
import type { ProjectRootHeader, ProjectRootPackage, RootExportRequest } from '@castellan/contracts';
import type { Database } from '@castellan/database';
import { exportPrivateKey } from '@castellan/hpke';
import type { Peer } from '@castellan/http';
import type { CmsSigner } from '@castellan/pki';
import { sealProjectRoot } from '@castellan/vault';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import type { KeyMemory } from '../keys/key-memory.js';
import type { ProjectKey, ProjectKeys } from '../keys/project-keys.js';
import type { ProveRecorded } from '../release/prove-recorded.js';
import type { OrderedExports, OrderedRoot } from './ordered-exports.js';
import { requireExportable } from './require-exportable.js';

/**
 * Seals a project's keys to the certificate that two people ordered them to be sealed to. In this order and no other:
 * judge the orders, open the keys, record and prove the record, seal. While the orders count it can be asked for again; the
 * certificate's holder takes in one package only.
 */
export class ExportRoot {
  constructor(
    private readonly database: Database,
    private readonly ordered: OrderedExports,
    private readonly projectKeys: ProjectKeys,
    private readonly memory: KeyMemory,
    private readonly journal: ProveRecorded,
    private readonly signer: CmsSigner & { readonly authorityPem: string },
    private readonly clock: Clock,
  ) {}

  /** @throws KeybrokerError `root_export_not_ordered`, `root_export_unknown`, `key_unknown`, `key_unusable`; PkiError */
  async export({ projectId, recipient }: RootExportRequest, peer: Peer): Promise<ProjectRootPackage> {
    const root = this.ordered
      .all()
      .find(({ order, certificate }) => order.targetId === projectId && certificate.sha256 === recipient);
    if (root?.isComplete !== true) throw notOrdered();
    const now = this.clock.now();
    const { organizationId } = await requireExportable(this.database, root.order, root.subjectSha256, now);
    const keys = await this.#openAll(projectId);
    const header = headerOf(root, keys, now);
    await this.journal.record(
      keybrokerEvents.event('root.exported', {
        actor: actorOf(peer),
        decision: 'allow',
        reason: root.order.reason,
        organizationId,
        resource: { kind: 'project', id: projectId },
        details: {
          recipient,
          holder: root.certificate.subject,
          versions: keys.map(({ version }) => version),
          orders: header.orders.map(({ digest }) => digest),
          people: header.orders.map(({ person }) => person),
        },
      }),
    );
    const privateKeys = keys.map(({ privateKey }) => exportPrivateKey(privateKey));
    const destroyed = this.memory.shredded;
    const sealed = sealProjectRoot(header, { privateKeys, destroyed }, root.certificate, this.signer);
    for (const raw of privateKeys) raw.fill(0);
    return sealed;
  }

  /** All that are not destroyed, oldest first: one that does not open stops the export, since half would be no root. */
  async #openAll(projectId: string): Promise<ProjectKey[]> {
    if ((await this.projectKeys.newest(projectId)) === undefined) throw noKey();
    const rows = await this.database.client.keyEncryptionKey.findMany({
      where: { projectId, retiredAt: null },
      orderBy: { version: 'asc' },
      select: { id: true },
    });
    return Promise.all(rows.map(({ id }) => this.projectKeys.open(id, projectId)));
  }
}

function headerOf({ order, orders }: OrderedRoot, keys: readonly ProjectKey[], now: Date): ProjectRootHeader {
  const { organization, project, targetId: projectId, recipient } = order;
  return {
    organization,
    project,
    projectId,
    recipient,
    exportedAt: now.toISOString(),
    nonce: randomUUID(),
    orders: orders.map(({ digest, person }) => ({ digest, person })),
    keys: keys.map(({ kekId: id, version }) => ({ id, version })),
  };
}

function notOrdered(): KeybrokerError {
  return new KeybrokerError({
    code: 'root_export_not_ordered',
    kind: 'forbidden',
    publicDetail:
      'It takes the orders of two people, about this project and this very certificate, that count now.',
  });
}

function noKey(): KeybrokerError {
  const publicDetail = 'The project has no key yet, so there is none to export.';
  return new KeybrokerError({ code: 'key_unknown', kind: 'not_found', publicDetail });
}
