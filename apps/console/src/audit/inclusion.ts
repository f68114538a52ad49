/** One hash of the way up: the sibling that the proof gives, and what the two together make. */
export interface ClimbStep {
  /** Where the proof's hash stands beside ours. */
  readonly sibling: 'left' | 'right';
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly result: Uint8Array<ArrayBuffer>;
}

/** What an inclusion proof amounts to when it is followed to its end. */
export interface Climb {
  readonly steps: readonly ClimbStep[];
  readonly root: Uint8Array<ArrayBuffer>;
}

/** SHA-256(0x00 ‖ text) (RFC 6962 §2.1), by WebCrypto. */
export function leafHash(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return sha256(Uint8Array.of(0x00), new TextEncoder().encode(text));
}

/** SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1). */
function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return sha256(Uint8Array.of(0x01), left, right);
}

/**
 * Follows an inclusion proof from a leaf to the root it leads to (RFC 9162 §2.1.3.2). Undefined when the proof cannot be
 * one of leaf `index` in a tree of `size`: the index lies outside, or there are too many or too few hashes.
 */
export async function climb(
  leaf: Uint8Array<ArrayBuffer>,
  index: bigint,
  size: bigint,
  hashes: readonly Uint8Array<ArrayBuffer>[],
): Promise<Climb | undefined> {
  if (index < 0n || index >= size || hashes.some(({ length }) => length !== 32)) return undefined;
  let node = index;
  let last = size - 1n;
  let root = leaf;
  const steps: ClimbStep[] = [];
  for (const hash of hashes) {
    if (last === 0n) return undefined;
    const isRight = node % 2n === 1n || node === last;
    root = isRight ? await nodeHash(hash, root) : await nodeHash(root, hash);
    steps.push({ sibling: isRight ? 'left' : 'right', hash, result: root });
    while (isRight && node % 2n === 0n && node !== 0n) {
      node /= 2n;
      last /= 2n;
    }
    node /= 2n;
    last /= 2n;
  }
  return last === 0n ? { steps, root } : undefined;
}

async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
