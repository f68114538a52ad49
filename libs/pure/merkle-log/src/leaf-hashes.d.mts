/** A leaf of a digest tree is made of so much plaintext; the last one of a file may be made of less. */
export const LEAF_BYTES: number;
/** The leaves of plaintext that begins at a multiple of LEAF_BYTES, one after the other. */
export function leafHashes(plaintext: Uint8Array): Uint8Array;
