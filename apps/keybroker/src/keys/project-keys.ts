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
 * and version: a row that somebody moved, copied or made up does not open.
 */
export class ProjectKeys {
  readonly #opened = new Map<string, ProjectKey>();

  constructor(
    private readonly database: Database,
    private readonly kms: Kms,
    private readonly audit: AuditLog,
  ) {}

  /** The newest key of a project; its first is made here. @throws KeybrokerError `project_unknown`, `key_unusable` */
  async current(projectId: string, peer: Peer): Promise<ProjectKey> {
    return (await this.#newest(projectId)) ?? (await this.#createFirst(projectId, peer));
  }

  /** @throws KeybrokerError `key_unusable`: no such key, another project's, or one that was not sealed here */
  async open(kekId: string, projectId: string): Promise<ProjectKey> {
    const known = this.#remembered(kekId, projectId);
    if (known !== undefined) return known;
    const row = await this.database.client.keyEncryptionKey.findUnique({ where: { id: kekId } });
    if (row === null || row.projectId !== projectId) throw unusable();
    return this.#unseal(row);
  }

  async #newest(projectId: string): Promise<ProjectKey | undefined> {
    const row = await this.database.client.keyEncryptionKey.findFirst({
      where: { projectId },
      orderBy: { version: 'desc' },
    });
    return row === null ? undefined : (this.#remembered(row.id, projectId) ?? this.#unseal(row));
  }

  async #createFirst(projectId: string, peer: Peer): Promise<ProjectKey> {
    const project = await this.database.client.project.findUnique({ where: { id: projectId } });
    if (project === null) {
      throw new KeybrokerError({
        code: 'project_unknown',
        kind: 'not_found',
        publicDetail: 'There is no such project.',
      });
    }
    const { privateKey, publicKey } = generateKeyPair();
    const name = { id: randomUUID(), projectId, version: 1 };
    const raw = exportPrivateKey(privateKey);
    const sealedPrivate = Buffer.from(await this.kms.seal(raw, contextOf(name)));
    raw.fill(0);
    try {
      await this.database.transaction(async (tx) => {
        await tx.keyEncryptionKey.create({ data: { ...name, sealedPrivate } });
        await this.audit.append(
          tx,
          keybrokerEvents.event('kek.created', {
            actor: actorOf(peer),
            decision: 'allow',
            organizationId: project.organizationId,
            resource: { kind: 'kek', id: name.id },
            details: { projectId, version: name.version },
          }),
        );
      });
    } catch (error) {
      // Somebody else made the first key meanwhile: that one counts.
      const first = isUniqueViolation(error) ? await this.#newest(projectId) : undefined;
      if (first === undefined) throw error;
      return first;
    }
    return this.#remember({ kekId: name.id, projectId, version: name.version, privateKey, publicKey });
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

function unusable(cause?: unknown): KeybrokerError {
  return new KeybrokerError({
    code: 'key_unusable',
    kind: 'internal',
    publicDetail: 'A stored key is missing, or is not the one that was stored.',
    cause,
  });
}
