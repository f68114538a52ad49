import { CastellanError } from '@castellan/errors';
import type { Person } from '@castellan/contracts';
import type { ApiClient } from '../client/api-client.js';

/** @throws `person_unknown` */
export async function personNamed(api: ApiClient, name: string): Promise<Person> {
  const found = (await api.people()).people.find((person) => person.name === name);
  if (found !== undefined) return found;
  throw new CastellanError({
    code: 'person_unknown',
    kind: 'not_found',
    publicDetail: `There is no ${name} here.`,
  });
}
