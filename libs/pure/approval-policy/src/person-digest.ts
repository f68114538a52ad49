import { createHash } from 'node:crypto';

/** The subject of an order to erase a person: SHA-256 of the organization, `*` and the id, with `/` between. No project is called `*`. */
export function personDigest(organization: string, personId: string): string {
  return createHash('sha256').update(`${organization}/*/${personId}`, 'utf8').digest('hex');
}
