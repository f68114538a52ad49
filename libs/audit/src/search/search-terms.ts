import { hash } from 'node:crypto';
import type { EntryRow } from '../entry-row.js';

/** What a search asks for that can be told from a range's terms alone. */
export interface TermConditions {
  readonly organizationId?: string | undefined;
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly decision?: string | undefined;
  readonly text?: string | undefined;
}

/** A word longer than this is known by its beginning. */
const WORD_LENGTH = 64;

/** An escape of JSON is no word; what stands after it begins one. */
const escape = /\\(?:u[0-9a-f]{4}|.)/gi;
const word = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|[\p{L}\p{N}]+/gu;
const unspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** The words of a text, in lower case. Scripts that write no spaces are cut into pairs of characters. */
export function wordsOf(text: string): string[] {
  const runs = text.replaceAll(escape, ' ').toLowerCase().match(word) ?? [];
  return runs.flatMap((run) => (unspaced.test(run) ? pairsOf([...run]) : [run.slice(0, WORD_LENGTH)]));
}

function pairsOf(characters: readonly string[]): string[] {
  if (characters.length < 2) return [...characters];
  return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
}

/**
 * Every term of a run of leaves: the words of their texts, and for each leaf one term for every combination of
 * conditions that it satisfies. A range that has the term of a combination has a leaf that satisfies all of it, so a
 * search by columns never looks into a range in vain.
 */
export function termsOf(rows: readonly EntryRow[]): Set<string> {
  const terms = new Set<string>();
  const seen = new Set<string>();
  for (const row of rows) {
    for (const each of wordsOf(row.event)) terms.add(each);
    const columns = JSON.stringify([
      row.organizationId,
      row.actorId,
      row.action,
      row.resourceId,
      row.decision,
    ]);
    if (seen.has(columns)) continue;
    seen.add(columns);
    for (const term of combinationsOf(row)) terms.add(term);
  }
  return terms;
}

function* combinationsOf({
  organizationId,
  actorId,
  action,
  resourceId,
  decision,
}: EntryRow): Generator<string> {
  const words = action.split('.');
  const beginnings = words.map((_, i) => words.slice(0, i + 1).join('.'));
  for (const actor of [undefined, actorId ?? undefined])
    for (const resource of [undefined, resourceId ?? undefined])
      for (const decided of [undefined, decision])
        for (const acted of [undefined, ...beginnings])
          yield combination({
            organizationId: organizationId ?? undefined,
            actorId: actor,
            resourceId: resource,
            decision: decided,
            action: acted,
          });
}

/** A short name of a combination of conditions. Two may share a name: what is found by it is looked at anyway. */
function combination({ organizationId, actorId, action, resourceId, decision }: TermConditions): string {
  const text = JSON.stringify(
    [organizationId, actorId, action, resourceId, decision].map((each) => each ?? null),
  );
  return `=${hash('sha1', text, 'base64url').slice(0, 12)}`;
}

/**
 * The `tsquery` of the ranges in which a search may find something; `undefined`: any range may hold a hit. Combinations
 * are kept by organization, so a search across organizations goes by its words only.
 */
export function rangeQuery(search: TermConditions): string | undefined {
  const words = wordsOf(search.text ?? '');
  const terms = words.map((each, i) => `${quoted(each)}${i === words.length - 1 ? ':*' : ''}`);
  if (search.organizationId !== undefined) terms.push(quoted(combination(search)));
  return terms.length === 0 ? undefined : terms.join(' & ');
}

function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
