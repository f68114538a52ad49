export { MerkleError, type MerkleErrorCode } from './merkle-error.js';
export { HASH_BYTES, emptyRoot, equalHashes, leafHash, nodeHash, type Hash } from './hash.js';
export { CompactRange, rootOf } from './compact-range.js';
export { verifyInclusion, type InclusionClaim } from './inclusion-proof.js';
export { verifyConsistency, type ConsistencyClaim } from './consistency-proof.js';
export { proveConsistency, proveInclusion, rootFromTiles } from './prove.js';
export { type ReadTile } from './tile-reader.js';
export {
  TILE_WIDTH,
  decodeTile,
  encodeTile,
  hashesAtLevel,
  newTiles,
  partialTile,
  tilesOf,
  type Tile,
  type TileCoordinate,
} from './tile.js';
export { entryBundlePath, parseTilePath, tilePath, type EntryBundleCoordinate } from './tile-path.js';
export { RightEdge, type Growth } from './right-edge.js';
export { MAX_ENTRY_BYTES, decodeEntryBundle, encodeEntryBundle, requireEntry } from './entry-bundle.js';
export { formatLogProof, parseLogProof, verifyLogProof, type LogProof, type TreeHead } from './log-proof.js';
export { DigestTree } from './digest-tree.js';
export { LEAF_BYTES, leafHashes } from './leaf-hashes.mjs';
