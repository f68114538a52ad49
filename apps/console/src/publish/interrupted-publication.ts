import type { DroppedFile } from './dropped-files.js';

interface Kept {
  readonly version: string;
  readonly files: string;
}

/** Remembers in this browser which version these very files were going into, so that a page that was closed goes on. */
export class InterruptedPublication {
  readonly #name: string;
  readonly #files: string;

  constructor(model: string, files: readonly DroppedFile[]) {
    this.#name = `castellan.publishing.${model}`;
    const facts = files.map(({ path, file: { size, lastModified } }) => [path, size, lastModified]);
    this.#files = JSON.stringify(
      facts.toSorted(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
    );
  }

  /** The id of the version. */
  get version(): string | undefined {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#name) ?? '{}') as Partial<Kept>;
      return kept.files === this.#files ? kept.version : undefined;
    } catch {
      return undefined;
    }
  }

  begin(version: string): void {
    localStorage.setItem(this.#name, JSON.stringify({ version, files: this.#files } satisfies Kept));
  }

  end(): void {
    localStorage.removeItem(this.#name);
  }
}
