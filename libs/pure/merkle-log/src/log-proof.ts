import { HASH_BYTES, leafHash, type Hash } from './hash.js';
import { verifyInclusion } from './inclusion-proof.js';
import { MerkleError } from './merkle-error.js';

/** Everything that shows, offline, that an entry is in a log: C2SP tlog-proof, version 1. */
export interface LogProof {
  readonly index: number;
  /** The inclusion proof in the checkpoint's tree, leaf's sibling first. */
  readonly hashes: readonly Hash[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
  /** Opaque and not authenticated: context for the application, never evidence. */
  readonly extra?: Uint8Array;
}

/** What the reader takes from a checkpoint after verifying its signatures. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const DECIMAL = /^(0|[1-9][0-9]*)$/;

/** A tree below 2^53 leaves has no longer proof. */
const MAX_PROOF_HASHES = 53;

/** The text of a `.tlog-proof` file. @throws MerkleError `log_proof_malformed` */
export function formatLogProof({ index, hashes, checkpoint, extra }: LogProof): string {
  const lines = [
    FIRST_LINE,
    ...(extra === undefined ? [] : [`extra ${base64(extra)}`]),
    `index ${index}`,
    ...hashes.map(base64),
    '',
    checkpoint,
  ];
  const text = lines.join('\n');
  parseLogProof(text);
  return text;
}

/** Takes a proof apart without verifying it. @throws MerkleError `log_proof_malformed` */
export function parseLogProof(text: string): LogProof {
  const separator = text.indexOf('\n\n');
  if (separator < 0) throw malformed('No empty line stands before the checkpoint.');
  const [first, ...head] = text.slice(0, separator).split('\n');
  if (first !== FIRST_LINE) throw malformed(`The first line is not ${FIRST_LINE}.`);
  const extra = head[0]?.startsWith('extra ')
    ? decodeBase64(head.shift()?.slice('extra '.length) ?? '')
    : undefined;
  const index = parseIndex(head.shift());
  if (head.length > MAX_PROOF_HASHES) throw malformed('It has more hashes than any tree needs.');
  return {
    index,
    hashes: head.map(parseHash),
    checkpoint: text.slice(separator + 2),
    ...(extra === undefined ? {} : { extra }),
  };
}

/**
 * Returns where `entry` stands if the proof shows it to be in a tree that `openCheckpoint` vouches for.
 * `openCheckpoint` verifies the signatures of the checkpoint against pinned keys, checks its origin, and throws otherwise.
 *
 * @throws MerkleError `log_proof_malformed`, `tree_position_invalid`, `proof_length_invalid`, `root_mismatch`
 */
export function verifyLogProof(
  text: string,
  entry: Uint8Array,
  openCheckpoint: (note: string) => TreeHead,
): TreeHead & { readonly index: number } {
  const { index, hashes, checkpoint } = parseLogProof(text);
  const { size, root } = openCheckpoint(checkpoint);
  verifyInclusion({ index, size, leaf: leafHash(entry), root }, hashes);
  return { index, size, root };
}

function parseIndex(line: string | undefined): number {
  const digits = line?.startsWith('index ') ? line.slice('index '.length) : '';
  const index = Number(digits);
  if (!DECIMAL.test(digits) || !Number.isSafeInteger(index))
    throw malformed('The index is not a decimal number.');
  return index;
}

function parseHash(line: string): Hash {
  const hash = decodeBase64(line);
  if (hash.length !== HASH_BYTES) throw malformed('A proof line is not the Base64 of 32 bytes.');
  return hash;
}

function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw malformed('A line is not standard Base64.');
  return new Uint8Array(bytes);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function malformed(reason: string): MerkleError {
  return new MerkleError('log_proof_malformed', `Not a log proof. ${reason}`);
}
