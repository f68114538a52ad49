import type { Tx } from '@castellan/database';
import { PersonKeyAuthority } from './person-key-authority.js';

/** The public halves of people's keys: all that it takes to seal. Each person gets a key once. */
export class PersonKeys {
  constructor(private readonly authority: PersonKeyAuthority) {}

  /**
   * The public half of a person's key, made and stored if there is none yet. Of two that make one at the same moment one
   * is kept. @throws `keybroker_unavailable`, `person_erased`
   */
  async of(tx: Pick<Tx, 'personKey'>, personId: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = await this.#stored(tx, personId);
    if (known !== undefined) return known;
    const made = await this.authority.make(personId);
    const { count } = await tx.personKey.createMany({ data: [made], skipDuplicates: true });
    return count === 1 ? made.publicKey : ((await this.#stored(tx, personId)) ?? made.publicKey);
  }

  async #stored(tx: Pick<Tx, 'personKey'>, personId: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const select = { publicKey: true } as const;
    return (await tx.personKey.findUnique({ where: { personId }, select }))?.publicKey;
  }
}
