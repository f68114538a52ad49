import { MerkleError } from './merkle-error.js';
import { requireTileCoordinate, TILE_WIDTH, type TileCoordinate } from './tile.js';

/** A bundle of up to 256 entries lies beside the level-0 tile of the same index and width. */
export type EntryBundleCoordinate = Omit<TileCoordinate, 'level'>;

const TILE_PATH =
  /^tile\/(?<level>entries|0|[1-9][0-9]?)\/(?<index>(?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/(?<width>[1-9][0-9]{0,2}))?$/;

/** `tile/<L>/<N>[.p/<W>]` (C2SP tlog-tiles, "Merkle Tree"). @throws MerkleError `tile_malformed` */
export function tilePath(tile: TileCoordinate): string {
  requireTileCoordinate(tile);
  return `tile/${tile.level}/${placeOf(tile)}`;
}

/** `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles, "Log entries"). @throws MerkleError `tile_malformed` */
export function entryBundlePath(bundle: EntryBundleCoordinate): string {
  requireTileCoordinate({ level: 0, ...bundle });
  return `tile/entries/${placeOf(bundle)}`;
}

/**
 * Reads the path of a tile or an entry bundle. Every coordinate has exactly one path; any other spelling is refused.
 * @throws MerkleError `tile_malformed`
 */
export function parseTilePath(
  path: string,
): ({ readonly kind: 'hashes' } & TileCoordinate) | ({ readonly kind: 'entries' } & EntryBundleCoordinate) {
  const { level, index, width } = TILE_PATH.exec(path)?.groups ?? {};
  if (level === undefined || index === undefined) throw notAPath();
  const place = {
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const parsed =
    level === 'entries'
      ? ({ kind: 'entries', ...place } as const)
      : ({ kind: 'hashes', level: Number(level), ...place } as const);
  const canonical = parsed.kind === 'entries' ? entryBundlePath(parsed) : tilePath(parsed);
  if (canonical !== path) throw notAPath();
  return parsed;
}

function placeOf({ index, width }: EntryBundleCoordinate): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? [];
  const path = groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

function notAPath(): MerkleError {
  return new MerkleError('tile_malformed', 'Not the path of a tile.');
}
