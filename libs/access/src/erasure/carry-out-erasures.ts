import { AuditLog } from '@castellan/audit';
import { Database } from '@castellan/database';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { Inject, Injectable } from '@nestjs/common';
import { accessEvents } from '../access-events.js';
import { type ErasedPerson, type EraseRows, pseudonymOf } from './erase-rows.js';
import { whatRemains } from './what-remains.js';

/** Nest token of what each context does to its rows. */
export const collectedErasures = Symbol('collected erasures');

/**
 * Takes the names of people out of the rows once the keybroker has destroyed their keys. Goes by what the keybroker
 * remembers: so a name that a restored database brought back goes again.
 */
@Injectable()
export class CarryOutErasures {
  constructor(
    private readonly database: Database,
    private readonly keybroker: KeybrokerClient,
    private readonly audit: AuditLog,
    @Inject(collectedErasures) private readonly erasures: readonly EraseRows[],
  ) {}

  async execute(): Promise<void> {
    const { destroyed } = await this.keybroker.orderedDestructions();
    const ids = destroyed.flatMap((name) =>
      name.startsWith('person/') ? [name.slice('person/'.length)] : [],
    );
    if (ids.length === 0) return;
    const people = await this.database.client.person.findMany({
      where: { id: { in: ids } },
      select: { id: true, organizationId: true, name: true },
    });
    for (const person of people) {
      const pseudonym = pseudonymOf(person.id);
      if (person.name !== pseudonym) await this.#erase({ ...person, pseudonym });
    }
  }

  async #erase(person: ErasedPerson): Promise<void> {
    const remains = await whatRemains(this.database.client, person);
    await this.database.transaction(async (tx) => {
      for (const erase of this.erasures) await erase(tx, person);
      const done = await tx.destruction.findUnique({
        where: { targetId: person.id },
        select: { certificate: true },
      });
      await this.audit.append(tx, accessEvents.personErased(person, remains, done?.certificate));
    });
  }
}
