import { EventClass } from '@castellan/contracts';

/** Nouns of actions and their class; an action with another noun is `governance`, the class that is kept longest. */
const classes: Readonly<Record<string, EventClass>> = {
  prediction: 'predictions',
  session: 'access',
  access: 'access',
  credential: 'access',
  process: 'access',
  privacy: 'privacy',
  dataset: 'privacy',
};

/** What the log says of itself. It is kept for ever: what has expired is told from what was taken away by it. */
const lasting = new Set(['audit', 'log']);

/** How long an event must and may be kept goes by its class; `undefined` for one that never expires. */
export function eventClassOf(action: string): EventClass | undefined {
  const noun = action.split('.')[0] ?? '';
  return lasting.has(noun) ? undefined : (classes[noun] ?? 'governance');
}

/** Days for which events of each class must be kept. */
export type Minima = Readonly<Record<EventClass, number>>;

/**
 * What the law asks for at least. `predictions`, `access`: six months (EU AI Act, Articles 19 and 26(6); Cybersecurity Law
 * of the PRC, Article 21 (3)). `privacy`: three years (PIPL, Article 56). `governance`: ten years (EU AI Act, Article 18).
 */
export const legalMinima: Minima = { predictions: 183, access: 183, privacy: 1_096, governance: 3_653 };
