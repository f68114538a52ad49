import type { JsonValue } from '@castellan/canonical-json';
import { ACTION, type AuditEvent } from './audit-event.js';

type Details = { readonly [member: string]: JsonValue };

/** One kind of event. */
export interface EventKind {
  /** What an event of this kind says happened: one sentence for the reader of the log. */
  readonly meaning: string;
  /** Which details it carries: a type in the clothes of a function, made by `details`. */
  readonly details?: (details: never) => void;
}

type DetailsOf<Kind> = Kind extends { readonly details: (details: infer D extends Details) => void }
  ? { readonly details: D }
  : { readonly details?: never };

/** The events that one context can record. */
export interface EventCatalogue<Kinds> {
  readonly meanings: ReadonlyMap<string, string>;
  /** An event of the catalogue, with the details of its kind. */
  event<Action extends keyof Kinds & string>(
    action: Action,
    fields: Omit<AuditEvent, 'action' | 'details'> & DetailsOf<Kinds[Action]>,
  ): AuditEvent;
}

/** Says that events of a kind carry details of type `D`. */
export function details<D extends Details>(): (details: D) => void {
  return () => undefined;
}

/**
 * Declares the events of a context in one place, so that a call site can neither misspell an action nor forget a detail.
 *
 * @example
 * const versionEvents = defineEvents({
 *   'version.finalized': { meaning: 'The files of a version were fixed.', details: details<{ files: number }>() },
 *   'version.abandoned': { meaning: 'An upload was given up.' },
 * });
 * await audit.append(tx, versionEvents.event('version.finalized', { actor, decision: 'allow', details: { files: 3 } }));
 *
 * @throws TypeError for a name that is not an action: a defect, found when the module loads
 */
export function defineEvents<const Kinds extends Record<string, EventKind>>(
  kinds: Kinds,
): EventCatalogue<Kinds> {
  for (const action of Object.keys(kinds))
    if (!ACTION.test(action)) throw new TypeError(`${action} is not an action: write noun.verb`);
  return {
    meanings: new Map(Object.entries(kinds).map(([action, { meaning }]) => [action, meaning])),
    event: (action, fields) => {
      const event: AuditEvent = { ...fields, action };
      return event;
    },
  };
}
