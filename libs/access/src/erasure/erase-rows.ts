import type { Tx } from '@castellan/database';

/** Somebody whose personal data goes: what rows called them, and what they are called from now on. */
export interface ErasedPerson {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  /** `erased-` and the end of the id: unique, and nothing of the name. */
  readonly pseudonym: string;
}

/**
 * Takes a person's name out of one context's rows; each context that keeps names declares one. Done again it does no harm.
 * What is signed is not touched: it would prove nothing any more.
 */
export type EraseRows = (tx: Tx, person: ErasedPerson) => Promise<unknown>;

export function pseudonymOf(personId: string): string {
  return `erased-${personId.slice(-12)}`;
}

/** Of access itself: the person, what their keys were labelled with, and every way to come in. */
export const eraseAccessRows: EraseRows = async (tx, { id, pseudonym }) => {
  await tx.credential.updateMany({ where: { personId: id }, data: { label: '' } });
  await tx.credential.updateMany({
    where: { personId: id, revokedAt: null },
    data: { revokedAt: new Date() },
  });
  await tx.person.updateMany({ where: { id, disabledAt: null }, data: { disabledAt: new Date() } });
  await tx.person.update({ where: { id }, data: { name: pseudonym, displayName: pseudonym } });
  await tx.personKey.updateMany({
    where: { personId: id, erasedAt: null },
    data: { sealedPrivate: Buffer.alloc(0), erasedAt: new Date() },
  });
};
