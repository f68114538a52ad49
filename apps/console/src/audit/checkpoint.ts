/** A signed tree head as the note says it (C2SP tlog-checkpoint). Nothing in it is verified by reading it. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array<ArrayBuffer>;
  /** The signed text, its last newline included. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[];
}

/** Undefined for anything that isn't a checkpoint note. */
export function readCheckpoint(note: string): Checkpoint | undefined {
  const separator = note.lastIndexOf('\n\n');
  if (separator < 0) return undefined;
  const text = note.slice(0, separator + 1);
  const [origin, size, root] = text.split('\n');
  const decoded = root === undefined ? undefined : fromBase64(root);
  if (origin === undefined || size === undefined || !/^\d+$/.test(size) || decoded?.length !== 32)
    return undefined;
  const signatures = note
    .slice(separator + 2)
    .split('\n')
    .flatMap((line) => {
      const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      const bytes = encoded === undefined ? undefined : fromBase64(encoded);
      return name === undefined || bytes === undefined ? [] : [{ name, bytes }];
    });
  return { origin, size: BigInt(size), root: decoded, text, signatures };
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
