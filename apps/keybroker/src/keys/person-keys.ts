import type { KeyObject } from 'node:crypto';
import type { AuditLog } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import type { SealedPersonKey } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { exportPrivateKey, generateKeyPair, importPrivateKey, publicKeyOf } from '@castellan/hpke';
import type { Peer } from '@castellan/http';
import type { Kms } from '@castellan/kms';
import { actorOf, keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import type { KeyMemory } from './key-memory.js';

/**
 * The keys under which people's attributes stand in the log. Rows lie in the database, private halves sealed by the KMS
 * and bound to the person: a row of somebody else, or of nobody, does not open. Whom two people had erased the broker
 * remembers: no row that comes back opens.
 */
export class PersonKeys {
  readonly #opened = new Map<string, KeyObject>();

  constructor(
    private readonly kms: Kms,
    private readonly audit: AuditLog,
    private readonly memory: KeyMemory,
  ) {}

  /** A new key for a person, which the caller stores. @throws KeybrokerError `person_erased` */
  async make(personId: string, peer: Peer): Promise<SealedPersonKey> {
    if (this.#isErased(personId)) throw erased();
    const { privateKey, publicKey } = generateKeyPair();
    const raw = exportPrivateKey(privateKey);
    const sealed = await this.kms.seal(raw, contextOf(personId));
    raw.fill(0);
    const about = { actor: actorOf(peer), decision: 'allow', resource: resourceOf(personId) } as const;
    await this.audit.appendDurably(keybrokerEvents.event('person-key.created', about));
    return { personId, publicKey: base64(publicKey), sealedPrivate: base64(sealed) };
  }

  /**
   * The private halves, sorted out by person: those of somebody erased, and rows that do not open, are left out. What is
   * given out is recorded first.
   */
  async open(keys: readonly SealedPersonKey[], peer: Peer): Promise<Map<string, Buffer>> {
    const opened = new Map<string, Buffer>();
    for (const key of keys) {
      const privateKey = this.#isErased(key.personId) ? undefined : await this.#unsealed(key);
      if (privateKey !== undefined) opened.set(key.personId, exportPrivateKey(privateKey));
    }
    if (opened.size === 0) return opened;
    const details = { people: [...opened.keys()] };
    const about = { actor: actorOf(peer), decision: 'allow', details } as const;
    await this.audit.appendDurably(keybrokerEvents.event('person-keys.opened', about));
    return opened;
  }

  /** For good: whatever row comes back. */
  async forget(personId: string): Promise<void> {
    await this.memory.shred('person', personId, []);
    for (const name of this.#opened.keys()) if (name.startsWith(`${personId}/`)) this.#opened.delete(name);
  }

  #isErased(personId: string): boolean {
    return this.memory.isShredded('person', personId);
  }

  async #unsealed({ personId, publicKey, sealedPrivate }: SealedPersonKey): Promise<KeyObject | undefined> {
    const name = `${personId}/${sealedPrivate}`;
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    try {
      const raw = await this.kms.unseal(Buffer.from(sealedPrivate, 'base64'), contextOf(personId));
      const privateKey = importPrivateKey(raw);
      raw.fill(0);
      if (base64(publicKeyOf(privateKey)) !== publicKey) return undefined;
      this.#opened.set(name, privateKey);
      return privateKey;
    } catch (error) {
      if (error instanceof CastellanError && error.kind !== 'unavailable') return undefined;
      throw error;
    }
  }
}

function contextOf(personId: string): string {
  return `castellan/person-key/v1/${canonicalize({ person: personId })}`;
}

function resourceOf(id: string): { kind: string; id: string } {
  return { kind: 'person', id };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function erased(): KeybrokerError {
  return new KeybrokerError({
    code: 'person_erased',
    kind: 'conflict',
    publicDetail: 'The personal data of this person has been erased for good; there is no new key for them.',
  });
}
