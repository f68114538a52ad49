import type { KeyObject } from 'node:crypto';
import { AuditError } from '../audit-error.js';
import { PersonKeyAuthority, type StoredPersonKey } from './person-key-authority.js';

/** Of a process that has no business with people's attributes: it opens none. */
export class NoPersonKeys extends PersonKeyAuthority {
  override make(): Promise<StoredPersonKey> {
    throw new AuditError('person_keys_missing', {
      kind: 'internal',
      publicDetail: 'This process can make no keys for people.',
    });
  }

  override async open(): Promise<ReadonlyMap<string, KeyObject>> {
    return new Map<string, KeyObject>();
  }
}
