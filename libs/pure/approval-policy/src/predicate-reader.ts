import { TrustError } from './trust-error.js';

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/**
 * Takes the members of one signed JSON object by name and type.
 *
 * Every member must be taken: what a signer wrote and we do not understand might have been a restriction, so
 * {@link done} refuses leftovers. All failures are TrustError `document_malformed`, naming the member.
 */
export class PredicateReader {
  readonly #members: Map<string, unknown>;

  constructor(
    value: unknown,
    private readonly what: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new TrustError('document_malformed', `The ${what} is not a JSON object.`);
    }
    this.#members = new Map(Object.entries(value));
  }

  text(member: string): string {
    return this.#take(member, 'text', (value) => typeof value === 'string' && value.length <= 4096);
  }

  /** A name as it stands in URLs: so no two spellings of a person or a project exist, and none contains a `/`. */
  name(member: string): string {
    return this.#take(member, 'a name', isName);
  }

  /** A name, or `*` for all of them. */
  nameOrWildcard(member: string): string {
    return this.#take(member, 'a name or "*"', isNameOrWildcard);
  }

  sha256(member: string): string {
    return this.#take(member, 'a lowercase hex SHA-256', (value) => matches(SHA256, value));
  }

  uuid(member: string): string {
    return this.#take(member, 'a lowercase UUID', (value) => matches(UUID, value));
  }

  /** ISO 8601 in UTC, to the second or millisecond. */
  time(member: string): Date {
    const isTime = (value: unknown) => matches(UTC, value) && !Number.isNaN(Date.parse(String(value)));
    return new Date(this.#take<string>(member, 'a UTC time', isTime));
  }

  positiveInteger(member: string): number {
    return this.#take(
      member,
      'a whole number above zero',
      (value) => Number.isSafeInteger(value) && Number(value) > 0,
    );
  }

  wholeNumber(member: string): number {
    return this.#take(member, 'a whole number', (value) => Number.isSafeInteger(value) && Number(value) >= 0);
  }

  oneOf<const Choice extends string | boolean>(member: string, choices: readonly Choice[]): Choice {
    const isChoice = (value: unknown) => choices.some((choice) => choice === value);
    return this.#take(member, choices.map((choice) => JSON.stringify(choice)).join(' or '), isChoice);
  }

  /** A list of names, at least one. */
  names(member: string): readonly string[] {
    return this.#take(member, 'a list of names', (value) => isFilledList(value) && value.every(isName));
  }

  /** A list of names, at least one; `*` may stand among them. */
  namesOrWildcard(member: string): readonly string[] {
    return this.#take(
      member,
      'a list of names or "*"',
      (value) => isFilledList(value) && value.every(isNameOrWildcard),
    );
  }

  list<Item>(member: string, read: (item: PredicateReader) => Item): readonly Item[] {
    const items = this.#take<unknown[]>(member, 'a list', Array.isArray);
    return items.map((item) => {
      const reader = new PredicateReader(item, `${this.what}'s ${member}`);
      const result = read(reader);
      reader.done();
      return result;
    });
  }

  object(member: string): PredicateReader {
    return new PredicateReader(
      this.#take(member, 'an object', () => true),
      `${this.what}'s ${member}`,
    );
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  done(): void {
    const [leftover] = this.#members.keys();
    if (leftover === undefined) return;
    throw new TrustError(
      'document_malformed',
      `The ${this.what} has a member that is not understood: ${leftover}.`,
    );
  }

  #take<Value>(member: string, expected: string, accepts: (value: unknown) => boolean): Value {
    const value = this.#members.get(member);
    this.#members.delete(member);
    if (accepts(value)) return value as Value; // the border: `accepts` has just told what it is
    throw new TrustError('document_malformed', `The ${this.what}'s ${member} is not ${expected}.`);
  }
}

function isName(value: unknown): boolean {
  return matches(NAME, value);
}

function isNameOrWildcard(value: unknown): boolean {
  return value === '*' || isName(value);
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isFilledList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
