import { FF1 } from '@noble/ciphers/ff1.js';
import { PrivacyError } from '../privacy-error.js';

/** SP 800-38G revision 1: fewer texts than this can be tried one by one. */
const SMALLEST_DOMAIN = 1_000_000n;

export interface FormatPreservingKey {
  /** AES: 16, 24 or 32 bytes. */
  readonly key: Uint8Array;
  /** Public, and different for every column: the same text is then another in each. */
  readonly tweak: Uint8Array;
}

/**
 * Exchanges texts over an alphabet for others of the same length, one to one: FF1 of NIST SP 800-38G. Characters outside
 * the alphabet stay where they are, so `138-0013-8000` keeps its hyphens.
 *
 * Reversible with the key. Deterministic: who sees masked values sees which are equal. Hides nothing of the length.
 * Fails with `masking_refused` where the alphabet to the power of the length is below a million.
 */
export class FormatPreserving {
  private readonly cipher: ReturnType<typeof FF1>;
  private readonly positions: ReadonlyMap<string, number>;
  private readonly letters: readonly string[];

  constructor(alphabet: string, { key, tweak }: FormatPreservingKey) {
    if (![16, 24, 32].includes(key.length)) throw refused('a key has 16, 24 or 32 bytes.');
    this.letters = [...alphabet];
    this.positions = new Map(this.letters.map((letter, at) => [letter, at]));
    if (this.positions.size !== this.letters.length || this.letters.length < 2)
      throw refused('an alphabet has at least two characters, each of them once.');
    this.cipher = FF1(this.letters.length, key, tweak);
  }

  mask(text: string): string {
    return this.exchange(text, (digits) => this.cipher.encrypt(digits));
  }

  /** The text that `mask` was given. */
  reveal(masked: string): string {
    return this.exchange(masked, (digits) => this.cipher.decrypt(digits));
  }

  private exchange(text: string, exchange: (digits: number[]) => number[]): string {
    const characters = [...text];
    const digits = characters.flatMap((character) => this.positions.get(character) ?? []);
    if (BigInt(this.letters.length) ** BigInt(digits.length) < SMALLEST_DOMAIN)
      throw refused(`${digits.length} characters of ${this.letters.length} make fewer than a million texts.`);
    const exchanged = exchange(digits).values();
    return characters
      .map((character) =>
        this.positions.has(character) ? this.letters[exchanged.next().value ?? 0] : character,
      )
      .join('');
  }
}

function refused(why: string): PrivacyError {
  return new PrivacyError('masking_refused', {
    kind: 'invalid',
    publicDetail: `Format-preserving encryption: ${why}`,
  });
}
