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

/** So much of a word's beginning is a term of its own. A search for the beginning of a word asks for one term, not for many. */
const BEGINNING = 8;

/** An escape of JSON is no word; what stands after it begins one. */
const escape = /\\(?:u[0-9a-f]{4}|.)/gi;
const unspacedScripts = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}';
/** An identifier, or the beginning of one, is one word: its parts alone find nothing, and there are many of them. */
const identifier = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){0,3}[0-9a-f]{0,12}';
const wholeIdentifier = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const identifierBegun = /^[0-9a-f]{8}-/;
/** Digests: nearly every one is different, and its first characters say which it is. */
const longHex = /^[0-9a-f]{16,}$/;
const word = new RegExp(`[${unspacedScripts}]+|${identifier}(?![\\p{L}\\p{N}])|[\\p{L}\\p{N}]+`, 'gu');
/** The same for a text of ASCII alone, which nearly all are, at a fraction of the time. */
const plainWord = new RegExp(`${identifier}(?![a-z0-9])|[a-z0-9]+`, 'g');
const notPlain = /[^\0-\x7f]/;
const unspaced = new RegExp(`^[${unspacedScripts}]`, 'u');

/** The words of a text, in lower case. Scripts that write no spaces are cut into pairs of characters. */
export function wordsOf(text: string): string[] {
  const lower = (text.includes('\\') ? text.replaceAll(escape, ' ') : text).toLowerCase();
  const cut = (run: string): string => (run.length > WORD_LENGTH ? beginning(run, WORD_LENGTH) : run);
  if (!notPlain.test(lower)) return (lower.match(plainWord) ?? []).map(cut);
  const runs = lower.match(word) ?? [];
  return runs.flatMap((run) => (unspaced.test(run) ? pairsOf([...run]) : [cut(run)]));
}

function pairsOf(characters: readonly string[]): string[] {
  if (characters.length < 2) return [...characters];
  return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
}

/**
 * The terms of a word: each of its beginnings up to eight characters, and all of a longer one. An identifier or a digest has
 * no shorter beginnings: identifiers begin with their time, so that short ones would tell nothing.
 */
function* termsOfWord(text: string): Generator<string> {
  const shortest = identifierBegun.test(text) || longHex.test(text) ? BEGINNING : 1;
  for (let length = shortest; length <= Math.min(text.length, BEGINNING); length++)
    yield `^${beginning(text, length)}`;
  if (text.length > BEGINNING && !longHex.test(text)) yield text;
}

/** The term that a range must have to hold the word, or one that begins with it. */
function wantedTerm(text: string, isBeginning: boolean): string {
  const isWhole =
    wholeIdentifier.test(text) || !(isBeginning || identifierBegun.test(text) || longHex.test(text));
  return text.length > BEGINNING && isWhole ? text : `^${beginning(text, BEGINNING)}`;
}

/** Without half of a character that takes two. */
function beginning(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}

/**
 * Every term of a run of leaves: the words of their texts, and the combinations of columns that occur. Actor and action,
 * actor and decision, action and decision are terms together, so that a search for both opens no range in vain.
 */
export function termsOf(rows: readonly EntryRow[]): Set<string> {
  const terms = new Set<string>();
  const words = new Set<string>();
  const combinations = new Set<string>();
  for (const row of rows) {
    for (const each of wordsOf(row.event)) words.add(each);
    for (const each of combinationsOf(row)) combinations.add(each);
  }
  for (const each of combinations) terms.add(shortName(each));
  for (const each of words) for (const term of termsOfWord(each)) terms.add(term);
  return terms;
}

/** Texts of all combinations of a row's columns that searches ask for. */
function combinationsOf(row: EntryRow): string[] {
  const [organizationId, actorId, resourceId, decision] = [
    row.organizationId,
    row.actorId,
    row.resourceId,
    row.decision,
  ].map(member);
  const text = (actor = 'null', action = 'null', resource = 'null', decided = 'null'): string =>
    `[${organizationId},${actor},${action},${resource},${decided}]`;
  const texts = [
    text(),
    text(undefined, undefined, undefined, decision),
    text(undefined, undefined, resourceId),
    text(actorId),
    text(actorId, undefined, undefined, decision),
  ];
  for (const each of beginningsOf(row.action)) {
    const action = member(each);
    texts.push(text(undefined, action), text(undefined, action, undefined, decision), text(actorId, action));
  }
  return texts;
}

/** `a.b.c` begins with `a`, `a.b` and itself. */
function beginningsOf(action: string): string[] {
  const beginnings: string[] = [];
  for (let dot = action.indexOf('.'); dot >= 0; dot = action.indexOf('.', dot + 1))
    beginnings.push(action.slice(0, dot));
  return [...beginnings, action];
}

/** The terms that a range must have to hold a hit: pairs where there are pairs. */
function wantedCombinations(search: TermConditions): TermConditions[] {
  const { organizationId, actorId, action, resourceId, decision } = search;
  const wanted: TermConditions[] = [];
  if (resourceId !== undefined) wanted.push({ resourceId });
  if (actorId !== undefined && action !== undefined) wanted.push({ actorId, action });
  if (actorId !== undefined && decision !== undefined) wanted.push({ actorId, decision });
  if (action !== undefined && decision !== undefined) wanted.push({ action, decision });
  if (wanted.length === 0) wanted.push({ actorId, action, decision });
  else if (actorId !== undefined && action === undefined && decision === undefined) wanted.push({ actorId });
  else if (action !== undefined && actorId === undefined && decision === undefined) wanted.push({ action });
  else if (decision !== undefined && actorId === undefined && action === undefined) wanted.push({ decision });
  return wanted.map((each) => ({ organizationId, ...each }));
}

/** The term of a combination of conditions. */
function combination({ organizationId, actorId, action, resourceId, decision }: TermConditions): string {
  return shortName(`[${[organizationId, actorId, action, resourceId, decision].map(member).join(',')}]`);
}

/** As in a JSON array. */
function member(text: string | null | undefined): string {
  return text === null || text === undefined ? 'null' : JSON.stringify(text);
}

/** Two combinations may share a name: what is found by it is looked at anyway. */
function shortName(text: string): string {
  return `=${hash('sha1', text, 'base64url').slice(0, 12)}`;
}

/**
 * The `tsquery` of the ranges in which a search may find something; `undefined`: any range may hold a hit. Combinations
 * are kept by organization, so a search across organizations goes by its words only.
 */
export function rangeQuery(search: TermConditions): string | undefined {
  const words = wordsOf(search.text ?? '');
  const terms = words.map((each, i) => quoted(wantedTerm(each, i === words.length - 1)));
  if (search.organizationId !== undefined)
    terms.push(...wantedCombinations(search).map((each) => quoted(combination(each))));
  return terms.length === 0 ? undefined : terms.join(' & ');
}

/** The `tsquery` of the ranges that may hold a leaf about one of these resources; `undefined`: any range may. */
export function resourceQuery(resourceIds: readonly string[]): string | undefined {
  // As it stands in a leaf, so that it falls into the same words.
  const queries = resourceIds.map((id) => rangeQuery({ text: JSON.stringify(id) }));
  return queries.includes(undefined) ? undefined : queries.map((query) => `(${query})`).join(' | ');
}

function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
