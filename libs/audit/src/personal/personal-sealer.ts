import { SealingContext } from '@castellan/hpke';
import type { AuditEvent, EventActor, EventSubject } from '../audit-event.js';
import { encodeSealed, personalContext, personalInfo, type PersonalPart } from './sealed-personal.js';

/** People whose sealing contexts are kept; somebody above that gets a new one, at the price of a key agreement. */
const MOST_PEOPLE = 1_000;

/** A context seals for so long at most: while it is in memory, so is what opens its messages. */
const CONTEXT_MS = 3_600_000;

/** Ciphertexts are as long as the next multiple of this: the length of a name is told no closer. */
const BLOCK_BYTES = 16;

interface Sealing {
  readonly context: SealingContext;
  readonly until: number;
}

/**
 * Puts personal attributes of an event under the keys of the people whom they are about. A person's name and address are
 * sealed wherever the event carries the public half of the person's key; nothing is looked up, so that appending stays as
 * quick as it was (a few microseconds an event).
 */
export class PersonalSealer {
  readonly #sealings = new Map<string, Sealing>();

  /** The event as it goes into the log under `eventId`. */
  seal(event: AuditEvent, eventId: string, now: Date): AuditEvent {
    const { actor, subject, source, ...rest } = event;
    const about = subject === undefined ? {} : { subject: this.#subject(subject, eventId, now) };
    if (actor.sealTo === undefined || actor.id === undefined) {
      return { ...rest, ...about, actor, ...(source === undefined ? {} : { source }) };
    }
    return { ...rest, ...about, actor: this.#actor(actor, source, eventId, now) };
  }

  #actor(actor: EventActor, source: string | undefined, eventId: string, now: Date): EventActor {
    const { sealTo, id, name, ...rest } = actor;
    if (sealTo === undefined || id === undefined) return actor;
    const sealed = this.#sealed({ name, source }, { eventId, part: 'actor', id, sealTo, now });
    return { ...rest, id, sealed };
  }

  /** What is told of somebody else is sealed or left out. */
  #subject({ id, sealTo, personal }: EventSubject, eventId: string, now: Date): EventSubject {
    if (sealTo === undefined) return { id };
    return { id, sealed: this.#sealed({ ...personal }, { eventId, part: 'subject', id, sealTo, now }) };
  }

  #sealed(
    attributes: { readonly [name: string]: string | undefined },
    about: { eventId: string; part: PersonalPart; id: string; sealTo: Uint8Array; now: Date },
  ): string {
    const text = JSON.stringify(attributes);
    const length = Math.ceil(Buffer.byteLength(text) / BLOCK_BYTES) * BLOCK_BYTES;
    const padded = Buffer.alloc(length, ' ');
    padded.write(text);
    const { context } = this.#sealing(about.sealTo, about.now.getTime());
    return encodeSealed(context.seal(personalContext(about.eventId, about.part, about.id), padded));
  }

  #sealing(sealTo: Uint8Array, now: number): Sealing {
    const key = Buffer.from(sealTo).toString('latin1');
    const known = this.#sealings.get(key);
    if (known !== undefined && now < known.until) return known;
    if (this.#sealings.size >= MOST_PEOPLE) this.#sealings.clear();
    const made = { context: new SealingContext(sealTo, personalInfo), until: now + CONTEXT_MS };
    this.#sealings.set(key, made);
    return made;
  }
}
