import type { InclusionProof } from '@castellan/contracts';
import { type Checkpoint, fromBase64, readCheckpoint } from './checkpoint.js';
import { type Climb, climb, leafHash } from './inclusion.js';
import { checkSignature, type SignatureCheck } from './note-signature.js';

/** Every step of a verification done here, from the event's text to the log's signature. */
export interface Verification {
  readonly leafHash: Uint8Array<ArrayBuffer>;
  /** Undefined: the proof can't be one for this place in a tree of this size. */
  readonly climb: Climb | undefined;
  readonly checkpoint: Checkpoint | undefined;
  readonly rootMatches: boolean;
  readonly originMatches: boolean;
  readonly signature: SignatureCheck;
  /** All of the above hold; a signature that could not be checked counts neither way. */
  readonly verified: boolean;
}

/**
 * Recomputes, with nothing but WebCrypto, that the event's exact text is in the tree whose root the checkpoint states, and
 * that the log's key signed that checkpoint. The key itself comes from the server: compare it with the one you were given.
 */
export async function verifyEvent(
  proof: InclusionProof,
  log: { readonly logOrigin: string; readonly logVkey: string },
): Promise<Verification> {
  const leaf = await leafHash(proof.leaf);
  const checkpoint = readCheckpoint(proof.checkpoint);
  const hashes = proof.hashes.map((hash) => fromBase64(hash) ?? new Uint8Array());
  // The checkpoint's own size, not the one beside the proof: only that one is signed.
  const climbed = checkpoint && (await climb(leaf, BigInt(proof.index), checkpoint.size, hashes));
  const rootMatches = climbed !== undefined && equal(climbed.root, checkpoint?.root);
  const originMatches = checkpoint?.origin === log.logOrigin;
  const signature = checkpoint === undefined ? 'invalid' : await checkSignature(checkpoint, log.logVkey);
  const verified = rootMatches && originMatches && signature !== 'invalid';
  return { leafHash: leaf, climb: climbed, checkpoint, rootMatches, originMatches, signature, verified };
}

function equal(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return right !== undefined && left.length === right.length && left.every((byte, at) => byte === right[at]);
}
