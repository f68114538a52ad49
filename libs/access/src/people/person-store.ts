import { PersonKeys } from '@castellan/audit';
import type { ErasureRemains } from '@castellan/contracts';
import { Database, type Prisma, type Tx } from '@castellan/database';
import { Injectable, Optional } from '@nestjs/common';
import { whatRemains } from '../erasure/what-remains.js';
import { AccessError } from '../access-error.js';
import type { HeldRole, Identity } from '../actor.js';

const withBindings = {
  include: { organization: true, key: true, bindings: { include: { project: true } } },
} as const satisfies Prisma.PersonDefaultArgs;

export type PersonRow = Prisma.PersonGetPayload<typeof withBindings>;

export interface NewPerson {
  readonly organizationId: string;
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly HeldRole[];
}

/**
 * People as rows. Reads for lists take what the actor may see (`visible`). Everybody who acts, or is acted on, has the key
 * that their attributes in the log are sealed under: it is made with the person, or at the first occasion after that.
 */
@Injectable()
export class PersonStore {
  constructor(
    private readonly database: Database,
    @Optional() private readonly keys?: PersonKeys,
  ) {}

  /** @throws a unique violation when the organisation has somebody of this name */
  async create(tx: Tx, { roles, ...person }: NewPerson): Promise<PersonRow> {
    const data = { ...person, bindings: { create: [...roles] } };
    return this.#withKey(tx, await tx.person.create({ data, ...withBindings }));
  }

  async inOrganization(tx: Tx, organizationId: string, id: string): Promise<PersonRow | null> {
    const row = await tx.person.findFirst({ where: { id, organizationId }, ...withBindings });
    return row && this.#withKey(tx, row);
  }

  /** Somebody from before there were keys gets one now. @throws `keybroker_unavailable`, `person_erased` */
  async withKey(identity: Identity): Promise<Identity> {
    if (identity.sealTo !== undefined || this.keys === undefined) return identity;
    return { ...identity, sealTo: await this.keys.of(this.database.client, identity.personId) };
  }

  visible(visible: Prisma.PersonWhereInput): Promise<PersonRow[]> {
    return this.database.client.person.findMany({
      where: visible,
      orderBy: { name: 'asc' },
      ...withBindings,
    });
  }

  /** What an erasure could not reach. @throws `person_unknown`, also for somebody who may not be seen */
  async remains(visible: Prisma.PersonWhereInput, id: string): Promise<ErasureRemains> {
    const person = await this.database.client.person.findFirst({ where: { AND: [visible, { id }] } });
    if (person === null) throw personUnknown(id);
    return whatRemains(this.database.client, person);
  }

  byId(id: string): Promise<PersonRow> {
    return this.byIdIn(this.database.client, id);
  }

  async byIdIn(tx: Pick<Tx, 'person' | 'personKey'>, id: string): Promise<PersonRow> {
    return this.#withKey(tx, await tx.person.findUniqueOrThrow({ where: { id }, ...withBindings }));
  }

  disable(tx: Tx, id: string, now: Date): Promise<PersonRow> {
    return tx.person.update({ where: { id }, data: { disabledAt: now }, ...withBindings });
  }

  async #withKey(tx: Pick<Tx, 'personKey'>, row: PersonRow): Promise<PersonRow> {
    if (row.key !== null || this.keys === undefined) return row;
    await this.keys.of(tx, row.id);
    return { ...row, key: await tx.personKey.findUnique({ where: { personId: row.id } }) };
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
