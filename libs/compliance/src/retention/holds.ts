/** A hold as far as it matters to an event. */
export interface HoldConditions {
  readonly resource?: string;
  readonly actor?: string;
  /** Ids of a project and of everything in it. */
  readonly project?: ReadonlySet<string>;
  readonly from?: Date;
  readonly to?: Date;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * Whether a hold keeps the event with this text. A resource or an actor is meant wherever the text names it, a project
 * wherever it names anything in it: what is held by mistake can be let go later, and what is gone cannot be held.
 */
export function isHeld(text: string, occurredAt: Date, holds: readonly HoldConditions[]): boolean {
  return holds.some(
    ({ resource, actor, project, from, to }) =>
      (from === undefined || occurredAt >= from) &&
      (to === undefined || occurredAt < to) &&
      (resource === undefined || names(text, resource)) &&
      (actor === undefined || names(text, actor)) &&
      (project === undefined || (text.match(uuid) ?? []).some((id) => project.has(id))),
  );
}

/** The text is canonical JSON, in which a string may stand escaped. */
function names(text: string, name: string): boolean {
  return text.includes(JSON.stringify(name).slice(1, -1));
}
