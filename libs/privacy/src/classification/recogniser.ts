import type { PersonalDataKind } from '@castellan/contracts';

/**
 * Recognises one kind of personal data by pattern and checksum; what the column is called is the context.
 * A value: it holds no data and looks at nothing but the text it is given.
 */
export interface Recogniser {
  readonly kind: PersonalDataKind;
  /** Finds candidates in normalised text. Global and sticky-free; bounded repetitions, so no text makes it slow. */
  readonly pattern: RegExp;
  /** Whether a candidate is one: its checksum, dates and the like. */
  readonly holds: (candidate: string) => boolean;
  /** How little of what is not of this kind passes anyway: 1 is never, 0.5 is about as often as not. */
  readonly specificity: number;
  /** What columns of this kind are called. */
  readonly context: RegExp;
  /** The standard that the form is from. */
  readonly source: string;
}
