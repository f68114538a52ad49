import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable } from '@nestjs/common';
import { AccessError } from '../access-error.js';
import type { HeldRole } from '../actor.js';

const withBindings = {
  include: { organization: true, bindings: { include: { project: true } } },
} as const satisfies Prisma.PersonDefaultArgs;

export type PersonRow = Prisma.PersonGetPayload<typeof withBindings>;

export interface NewPerson {
  readonly organizationId: string;
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly HeldRole[];
}

/** People as rows. Reads for lists take what the actor may see (`visible`). */
@Injectable()
export class PersonStore {
  constructor(private readonly database: Database) {}

  /** @throws a unique violation when the organisation has somebody of this name */
  create(tx: Tx, { roles, ...person }: NewPerson): Promise<PersonRow> {
    return tx.person.create({ data: { ...person, bindings: { create: [...roles] } }, ...withBindings });
  }

  inOrganization(tx: Tx, organizationId: string, id: string): Promise<PersonRow | null> {
    return tx.person.findFirst({ where: { id, organizationId }, ...withBindings });
  }

  visible(visible: Prisma.PersonWhereInput): Promise<PersonRow[]> {
    return this.database.client.person.findMany({
      where: visible,
      orderBy: { name: 'asc' },
      ...withBindings,
    });
  }

  byId(id: string): Promise<PersonRow> {
    return this.byIdIn(this.database.client, id);
  }

  byIdIn(tx: Pick<Tx, 'person'>, id: string): Promise<PersonRow> {
    return tx.person.findUniqueOrThrow({ where: { id }, ...withBindings });
  }

  disable(tx: Tx, id: string, now: Date): Promise<PersonRow> {
    return tx.person.update({ where: { id }, data: { disabledAt: now }, ...withBindings });
  }

  async anybody(tx: Tx): Promise<boolean> {
    return (await tx.person.findFirst({ select: { id: true } })) !== null;
  }
}

export function personUnknown(id: string): AccessError {
  return new AccessError({
    code: 'person_unknown',
    kind: 'not_found',
    publicDetail: `There is nobody with the id ${id} (any more).`,
  });
}
