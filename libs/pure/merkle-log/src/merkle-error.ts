import { CastellanError } from '@castellan/errors';

export type MerkleErrorCode =
  /** A size or index is not a non-negative safe integer, or lies outside the tree. */
  | 'tree_position_invalid'
  /** A hash is not 32 bytes. */
  | 'hash_malformed'
  /** A proof has too many or too few hashes for its position. */
  | 'proof_length_invalid'
  /** A well-formed proof leads to another root. */
  | 'root_mismatch'
  /** A tile path, or a tile's bytes, do not follow C2SP tlog-tiles. */
  | 'tile_malformed'
  /** A tile that the tree size calls for is absent or too narrow. */
  | 'tile_missing'
  /** An entry is longer than 65,535 bytes. */
  | 'entry_too_long'
  /** An entry bundle ends in the middle of an entry, or holds more than 256. */
  | 'bundle_malformed'
  /** A text is not a `c2sp.org/tlog-proof@v1`. */
  | 'log_proof_malformed';

/** The only error that this lib raises, whatever the bytes were. */
export class MerkleError extends CastellanError {
  declare readonly code: MerkleErrorCode;

  constructor(code: MerkleErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: 'invalid', publicDetail, cause });
  }
}
