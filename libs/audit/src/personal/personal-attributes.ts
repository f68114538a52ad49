import type { KeyObject } from 'node:crypto';
import type { AuditRecord } from '@castellan/contracts';
import type { Database } from '@castellan/database';
import { HpkeError, OpeningContext } from '@castellan/hpke';
import { z } from 'zod';
import type { RecordedEvent } from '../audit-event.js';
import { readRecordedEvent } from '../recorded-event.js';
import { PersonKeyAuthority, type StoredPersonKey } from './person-key-authority.js';
import { decodeSealed, personalContext, personalInfo, type PersonalPart } from './sealed-personal.js';

const Attributes = z.record(z.string(), z.string());
type Attributes = z.infer<typeof Attributes>;

/** A leaf's text, and what its actor is called. */
type OpenableRecord = Pick<AuditRecord, 'event' | 'actor' | 'personal'>;

/** Key agreements that are kept: pages of one person's events share one. */
const MOST_CONTEXTS = 10_000;
const KEYS_AT_ONCE = 500;

/**
 * Opens what is sealed in records, for readers who may see it. Somebody who was erased stays an identifier: whether a key
 * may still be used is asked of the row for each batch, and of the keybroker for every key that is not in memory yet.
 */
export class PersonalAttributes {
  readonly #keys = new Map<string, KeyObject>();
  readonly #contexts = new Map<string, OpeningContext>();

  constructor(
    private readonly database: Database,
    private readonly authority: PersonKeyAuthority,
  ) {}

  /** The same records in the same order; those with something sealed carry `personal`. */
  async open<R extends OpenableRecord>(records: readonly R[]): Promise<R[]> {
    const read = records.map((record) => ({ record, event: readRecordedEvent(record.event) }));
    const people = read.flatMap(({ event }) => (event === undefined ? [] : sealedPeople(event)));
    if (people.length === 0) return [...records];
    const rows = await this.#usable([...new Set(people)]);
    return read.map(({ record, event }) =>
      event === undefined ? record : this.#opened(record, event, rows),
    );
  }

  /** People of these whose key is there; their private halves are in memory afterwards. */
  async #usable(people: readonly string[]): Promise<ReadonlySet<string>> {
    const rows: StoredPersonKey[] = await this.database.client.personKey.findMany({
      where: { personId: { in: [...people] }, erasedAt: null },
    });
    const missing = rows.filter(({ personId }) => !this.#keys.has(personId));
    for (let at = 0; at < missing.length; at += KEYS_AT_ONCE) {
      const opened = await this.authority.open(missing.slice(at, at + KEYS_AT_ONCE));
      for (const [personId, key] of opened) this.#keys.set(personId, key);
    }
    const usable = new Set(rows.map(({ personId }) => personId).filter((id) => this.#keys.has(id)));
    for (const id of people) if (!usable.has(id)) this.#keys.delete(id);
    return usable;
  }

  #opened<R extends OpenableRecord>(record: R, event: RecordedEvent, usable: ReadonlySet<string>): R {
    const { actor, subject } = event;
    const sealed = [actor, subject].filter((each) => each?.sealed !== undefined);
    if (sealed.length === 0) return record;
    const ofActor = usable.has(actor.id ?? '') ? this.#attributes(event, 'actor') : undefined;
    const ofSubject = usable.has(subject?.id ?? '') ? this.#attributes(event, 'subject') : undefined;
    const closed = sealed.filter((each) => (each === actor ? ofActor : ofSubject) === undefined);
    return {
      ...record,
      actor: ofActor?.name ?? record.actor,
      personal: {
        ...(ofActor?.name === undefined ? {} : { name: ofActor.name }),
        ...(ofActor?.source === undefined ? {} : { source: ofActor.source }),
        ...(ofSubject === undefined ? {} : { subject: ofSubject }),
        ...(closed.length === 0 ? {} : { closed: closed.flatMap((each) => each?.id ?? []) }),
      },
    };
  }

  /** `undefined` when nothing is sealed there, or it does not open: a text that somebody wrote by hand. */
  #attributes(event: RecordedEvent, part: PersonalPart): Attributes | undefined {
    const { id, sealed } = event[part] ?? {};
    const message = sealed === undefined ? undefined : decodeSealed(sealed);
    if (id === undefined || message === undefined) return undefined;
    try {
      const context = this.#context(id, message.enc);
      const aad = personalContext(event.id, part, id);
      const plaintext = context?.open(aad, message.ciphertext, message.sequence);
      return plaintext && Attributes.parse(JSON.parse(plaintext.toString()));
    } catch (error) {
      if (error instanceof HpkeError || error instanceof SyntaxError || error instanceof z.ZodError)
        return undefined;
      throw error;
    }
  }

  #context(personId: string, enc: Buffer): OpeningContext | undefined {
    const key = this.#keys.get(personId);
    if (key === undefined) return undefined;
    const name = `${personId}/${enc.toString('latin1')}`;
    const known = this.#contexts.get(name);
    if (known !== undefined) return known;
    if (this.#contexts.size >= MOST_CONTEXTS) this.#contexts.clear();
    const context = new OpeningContext(key, enc, personalInfo);
    this.#contexts.set(name, context);
    return context;
  }
}

function sealedPeople({ actor, subject }: RecordedEvent): string[] {
  return [actor, subject].flatMap((each) => (each?.sealed === undefined ? [] : (each.id ?? [])));
}
