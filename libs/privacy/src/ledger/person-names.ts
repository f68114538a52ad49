import type { Database } from '@castellan/database';

/** A person's name by her id; the id of somebody who is gone. */
export type NameOf = (personId: string) => string;

/** The names of all that `ids` name, in one look. */
export async function personNames(database: Database, ids: readonly string[]): Promise<NameOf> {
  const people = await database.client.person.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, name: true },
  });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}
