import type { PersonalDataKind } from '@castellan/contracts';
import type { Recogniser } from './recogniser.js';
import { recognisers as allRecognisers } from './recognisers.js';

/** What a column seems to hold. A proposal: a steward confirms it or not. */
export interface ColumnFinding {
  readonly kind: PersonalDataKind;
  /** 0 to 1: the share of values that have some, weighed by how little passes by chance and by what the column is called. */
  readonly confidence: number;
  /** Values that are nothing else, and values that have some within other text. */
  readonly whole: number;
  readonly within: number;
  /** Values looked at: those that are not missing. */
  readonly of: number;
  /** Whether the column's name says so too. */
  readonly named: boolean;
  /** At most three, masked: enough to see why, too little to know whom. */
  readonly evidence: readonly string[];
}

const MOST_EVIDENCE = 3;
const LONGEST_TEXT = 4_096;

/** One text for the ways that a value is typed: full-width digits and letters are plain ones, space at the ends is none. */
function normalised(value: string): string {
  return value.slice(0, LONGEST_TEXT).normalize('NFKC').trim();
}

/** All but an eighth at either end: `11••••••••••••••2X`. Shorter than four characters: nothing is shown. */
export function maskedSample(text: string): string {
  const characters = [...text];
  const shown = characters.length < 4 ? 0 : Math.max(1, Math.floor(characters.length / 8));
  const hidden = characters.slice(shown, characters.length - shown).map(() => '•');
  return [...characters.slice(0, shown), ...hidden, ...characters.slice(characters.length - shown)].join('');
}

function matches(recogniser: Recogniser, text: string): string[] {
  return [...text.matchAll(recogniser.pattern)].map(([match]) => match).filter(recogniser.holds);
}

function look(recogniser: Recogniser, name: string, values: readonly string[]): ColumnFinding | undefined {
  const evidence = new Set<string>();
  let [whole, within] = [0, 0];
  for (const text of values) {
    const [first] = matches(recogniser, text);
    if (first === undefined) continue;
    if (first === text) whole += 1;
    else within += 1;
    if (evidence.size < MOST_EVIDENCE) evidence.add(maskedSample(first));
  }
  if (whole + within === 0) return undefined;
  const named = recogniser.context.test(name);
  const { kind, specificity } = recogniser;
  const trust = named ? 1 - (1 - specificity) / 2 : specificity;
  const confidence = ((whole + within) / values.length) * trust;
  return { kind, confidence, whole, within, of: values.length, named, evidence: [...evidence] };
}

/**
 * What a sample of a column holds of each kind of personal data, likeliest first; nothing found is an empty list. Low
 * confidence is shown too: a tenth of a column with identity numbers is a column with identity numbers.
 *
 * Not found: names and addresses but Chinese ones, which have a form; what stands beyond the first 4,096 characters of a value.
 */
export function classifyColumn(
  name: string,
  sample: readonly string[],
  recognisers: readonly Recogniser[] = allRecognisers,
): readonly ColumnFinding[] {
  const values = sample.map(normalised).filter((value) => value !== '');
  return recognisers
    .flatMap((recogniser) => look(recogniser, name, values) ?? [])
    .toSorted((left, right) => right.confidence - left.confidence);
}
