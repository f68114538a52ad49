import { type Actor, requireAbility } from '@castellan/access';
import { KeyRotation, type ProjectKeys } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { type KeyVersionRow, RotationStore, type RotationRow } from './rotation-store.js';

/** A project's keys as people may see them: never a key, only that it is there and what rests on it. */
@Injectable()
export class ShowProjectKeys {
  constructor(private readonly rotations: RotationStore) {}

  /** @throws `project_unknown`, `not_permitted` */
  async execute(actor: Actor, projectName: string): Promise<ProjectKeys> {
    const { id, name, organizationId } = await this.rotations.project(actor.organizationId, projectName);
    requireAbility(actor, 'read', 'KeyRotation', { organizationId, projectId: id });
    const [versions, rotation] = await Promise.all([
      this.rotations.keyVersions(id),
      this.rotations.latest(id),
    ]);
    return {
      project: name,
      versions: versions.map((row, index) => showVersion(row, index === 0)),
      ...(rotation === null ? {} : { rotation: showRotation(rotation) }),
    };
  }
}

function showVersion({ version, dataKeys, createdAt, retiredAt }: KeyVersionRow, isNewest: boolean) {
  const older = retiredAt === null ? 'previous' : 'retired';
  return {
    version,
    state: isNewest ? 'current' : older,
    dataKeys,
    createdAt: createdAt.toISOString(),
    ...(retiredAt === null ? {} : { retiredAt: retiredAt.toISOString() }),
  } as const;
}

export function showRotation(row: RotationRow): KeyRotation {
  const { id, fromVersion, state, unopenedKeys, requestedBy, createdAt } = row;
  return KeyRotation.parse({
    id,
    fromVersion,
    state,
    totalKeys: row.totalKeys ?? undefined,
    remainingKeys: row.remainingKeys ?? undefined,
    unopenedKeys,
    requestedBy,
    failure: row.failure ?? undefined,
    createdAt: createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString(),
  });
}
