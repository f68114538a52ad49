import { randomUUID, type KeyObject } from 'node:crypto';
import type { AuditLog } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import { isUniqueViolation, type Database } from '@castellan/database';
import { CastellanError } from '@castellan/errors';
import { exportPrivateKey, generateKeyPair, importPrivateKey, publicKeyOf } from '@castellan/hpke';
import type { Peer } from '@castellan/http';
import type { Kms } from '@castellan/kms';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import type { KeyMemory } from './key-memory.js';
import { organizationOf } from './organization-of.js';

/** A project's key-encryption key, opened: its private half is in this process's memory only. */
export interface ProjectKey {
  readonly kekId: string;
  readonly projectId: string;
  readonly version: number;
  readonly privateKey: KeyObject;
  /** X25519, 32 bytes; computed from the private half, never read from anywhere. */
  readonly publicKey: Uint8Array;
}

interface KeyRow {
  readonly id: string;
  readonly projectId: string;
  readonly version: number;
  readonly sealedPrivate: Uint8Array;
}

/**
 * The key-encryption keys of projects. Rows lie in the database, private halves sealed by the KMS and bound to id, project
 * and version: a row that somebody moved, copied or made up does not open. Which is the newest, and which are destroyed,
 * the broker remembers itself.
 */
export class ProjectKeys {
  readonly #opened = new Map<string, ProjectKey>();

  constructor(
    private readonly database: Database,
    private readonly kms: Kms,
    private readonly audit: AuditLog,
    private readonly memory: KeyMemory,
  ) {}

  /** The newest key of a project; its first is made here. @throws KeybrokerError `project_unknown`, `key_unusable` */
  async current(projectId: string, peer: Peer): Promise<ProjectKey> {
    const known = await this.newest(projectId);
    if (known !== undefined) return known;
    return this.#make(projectId, 1, peer);
  }

  /** The newest key of a project that has one. @throws KeybrokerError `key_unusable`, `key_rolled_back`, `project_destroyed` */
  async newest(projectId: string): Promise<ProjectKey | undefined> {
    this.#requireProject(projectId);
    const row = await this.#newestRow(projectId);
    const known = this.memory.newest(projectId);
    if (row === null) {
      if (known !== undefined) throw rolledBack(known.version);
      return undefined;
    }
    if (known !== undefined && row.version < known.version) throw rolledBack(known.version);
    if (known?.version === row.version && known.kekId !== row.id) throw unusable();
    const key = await this.open(row.id, projectId);
    await this.memory.made(projectId, key.kekId, key.version);
    return key;
  }

  /**
   * Makes the version after `fromVersion`, which is current at once.
   * @throws KeybrokerError `kek_version_stale` when another version is current: so a request that was sent before does
   * nothing; `project_unknown`
   */
  async rotate(
    projectId: string,
    fromVersion: number,
    peer: Peer,
    organizationId?: string,
  ): Promise<ProjectKey> {
    this.#requireProject(projectId);
    const rowVersion = (await this.#newestRow(projectId))?.version ?? 0;
    const version = Math.max(rowVersion, this.memory.newest(projectId)?.version ?? 0);
    if (version !== fromVersion) throw stale(version, fromVersion);
    return this.#make(projectId, version + 1, peer, organizationId);
  }

  /**
   * That nothing here knows of a project's keys but what is to be stored.
   * @throws KeybrokerError `project_destroyed`, `project_has_keys`
   */
  async requireNew(projectId: string, keys: readonly { readonly id: string }[]): Promise<void> {
    this.#requireProject(projectId);
    const id = { notIn: keys.map((key) => key.id) };
    const others = await this.database.client.keyEncryptionKey.count({ where: { projectId, id } });
    if (others > 0 || this.memory.newest(projectId) !== undefined) throw hasKeys();
  }

  /** Keys that were made elsewhere, sealed anew here; `raw` stays the caller's. Again does no harm. */
  async storeForeign(
    projectId: string,
    keys: readonly { readonly id: string; readonly version: number; readonly raw: Uint8Array }[],
  ): Promise<void> {
    const rows = await Promise.all(
      keys.map(async ({ id, version, raw }) => {
        const name = { id, projectId, version };
        return { ...name, sealedPrivate: Buffer.from(await this.kms.seal(raw, contextOf(name))) };
      }),
    );
    await this.database.transaction(async (tx) => {
      for (const row of rows)
        await tx.keyEncryptionKey.upsert({ where: { id: row.id }, create: row, update: row });
    });
  }

  /** @throws KeybrokerError `key_unusable`: no such key, another project's, one that was not sealed here, or a destroyed one */
  async open(kekId: string, projectId: string): Promise<ProjectKey> {
    if (this.memory.isShredded('project', projectId) || this.memory.isDestroyed(projectId, kekId))
      throw destroyed();
    const known = this.#remembered(kekId, projectId);
    if (known !== undefined) return known;
    const row = await this.database.client.keyEncryptionKey.findUnique({ where: { id: kekId } });
    if (row === null || row.projectId !== projectId) throw unusable();
    return this.#unseal(row);
  }

  /** For good: the broker remembers that it is destroyed, whatever row comes back. */
  async forget(projectId: string, kekId: string): Promise<void> {
    await this.memory.destroyed(projectId, kekId);
    this.#opened.delete(kekId);
  }

  #requireProject(projectId: string): void {
    if (!this.memory.isShredded('project', projectId)) return;
    const publicDetail =
      'The keys of this project have been destroyed for good; nothing more can be sealed in it.';
    throw new KeybrokerError({ code: 'project_destroyed', kind: 'conflict', publicDetail });
  }

  #newestRow(projectId: string): Promise<KeyRow | null> {
    const newestFirst = { where: { projectId }, orderBy: { version: 'desc' } } as const;
    return this.database.client.keyEncryptionKey.findFirst(newestFirst);
  }

  async #make(
    projectId: string,
    version: number,
    peer: Peer,
    knownOrganizationId?: string,
  ): Promise<ProjectKey> {
    const organizationId = knownOrganizationId ?? (await organizationOf(this.database, projectId));
    const { privateKey, publicKey } = generateKeyPair();
    const name = { id: randomUUID(), projectId, version };
    const raw = exportPrivateKey(privateKey);
    const sealedPrivate = Buffer.from(await this.kms.seal(raw, contextOf(name)));
    raw.fill(0);
    try {
      await this.database.transaction(async (tx) => {
        await tx.keyEncryptionKey.create({ data: { ...name, sealedPrivate } });
        await this.audit.append(
          tx,
          keybrokerEvents.event(version === 1 ? 'kek.created' : 'kek.rotated', {
            actor: actorOf(peer),
            decision: 'allow',
            organizationId,
            resource: { kind: 'kek', id: name.id },
            details: { projectId, version },
          }),
        );
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Somebody else made this version meanwhile: for a first key that one counts, and a rotation is stale.
      const made = await this.newest(projectId);
      if (version === 1 && made !== undefined) return made;
      throw stale(version, version - 1);
    }
    await this.memory.made(projectId, name.id, version);
    return this.#remember({ kekId: name.id, projectId, version, privateKey, publicKey });
  }

  async #unseal(row: KeyRow): Promise<ProjectKey> {
    const raw = await this.kms.unseal(row.sealedPrivate, contextOf(row)).catch((cause: unknown) => {
      throw cause instanceof CastellanError && cause.kind === 'unavailable' ? cause : unusable(cause);
    });
    const privateKey = importPrivateKey(raw);
    raw.fill(0);
    const { id: kekId, projectId, version } = row;
    return this.#remember({ kekId, projectId, version, privateKey, publicKey: publicKeyOf(privateKey) });
  }

  #remembered(kekId: string, projectId: string): ProjectKey | undefined {
    const key = this.#opened.get(kekId);
    return key?.projectId === projectId ? key : undefined;
  }

  #remember(key: ProjectKey): ProjectKey {
    this.#opened.set(key.kekId, key);
    return key;
  }
}

function contextOf({ id, projectId, version }: Omit<KeyRow, 'sealedPrivate'>): string {
  return `castellan/key-encryption-key/v1/${canonicalize({ id, project: projectId, version })}`;
}

function stale(version: number, fromVersion: number): KeybrokerError {
  return new KeybrokerError({
    code: 'kek_version_stale',
    kind: 'conflict',
    publicDetail: `The project's key is at version ${version}, not ${fromVersion}. Look again before you rotate it.`,
    meta: { version },
  });
}

function rolledBack(version: number): KeybrokerError {
  return new KeybrokerError({
    code: 'key_rolled_back',
    kind: 'conflict',
    publicDetail: `The project's newest key, version ${version}, is missing from the database, as after restoring an old backup. Rotate the key from version ${version} to go on.`,
    meta: { version },
  });
}

function hasKeys(): KeybrokerError {
  return new KeybrokerError({
    code: 'project_has_keys',
    kind: 'conflict',
    publicDetail:
      'This platform has keys for that project already; another platform’s would not fit beside them.',
  });
}

function destroyed(): KeybrokerError {
  return new KeybrokerError({
    code: 'key_unusable',
    kind: 'internal',
    publicDetail:
      'This key has been destroyed for good; what was sealed under it can not be opened any more.',
  });
}

function unusable(cause?: unknown): KeybrokerError {
  return new KeybrokerError({
    code: 'key_unusable',
    kind: 'internal',
    publicDetail: 'A stored key is missing, or is not the one that was stored.',
    cause,
  });
}
