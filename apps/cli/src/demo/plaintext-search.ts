import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PatternSet } from './pattern-set.js';

const WINDOW_BYTES = 24;
const READ_BYTES = 1 << 18;
/** Windows with less variety than this could stand in any file. */
const DISTINCT_BYTES = 12;
/** Numbers have bytes that no text has: so it is weights that are looked for, not the names of layers. */
const BINARY_BYTES = 4;

/** Byte windows of a secret, spread over it, in the forms in which bytes are written down: raw, hex, base64. */
export function patternsOf(secret: Buffer, windows: number): Buffer[] {
  const isText = !secret.some(isBinary);
  const step = Math.max(Math.floor((secret.length - WINDOW_BYTES) / windows), 1);
  const patterns: Buffer[] = [];
  for (let from = 0; from + WINDOW_BYTES <= secret.length; from += step) {
    const window = firstTelling(secret.subarray(from, from + Math.max(step, WINDOW_BYTES)), isText);
    if (window !== undefined) patterns.push(...spellings(window));
  }
  return patterns;
}

/** The first window in a part that doesn't look like padding, nor begins like it: the search goes by beginnings. */
function firstTelling(part: Buffer, isText: boolean): Buffer | undefined {
  for (let at = 0; at + WINDOW_BYTES <= part.length; at += WINDOW_BYTES) {
    const window = part.subarray(at, at + WINDOW_BYTES);
    const varied = new Set(window).size >= DISTINCT_BYTES && new Set(window.subarray(0, 3)).size === 3;
    if (varied && (isText || window.filter(isBinary).length >= BINARY_BYTES)) return window;
  }
  return undefined;
}

function isBinary(byte: number): boolean {
  return byte >= 0x80;
}

function spellings(window: Buffer): Buffer[] {
  const hex = window.toString('hex');
  // Base64 groups three bytes: in a longer text the window may begin at any of three places in a group.
  const grouped = [0, 1, 2].map((skip) => {
    const whole = window.length - skip - ((window.length - skip) % 3);
    return window.subarray(skip, skip + whole);
  });
  return [
    window,
    Buffer.from(hex),
    Buffer.from(hex.toUpperCase()),
    ...grouped.flatMap((part) => [
      Buffer.from(part.toString('base64')),
      Buffer.from(part.toString('base64url')),
    ]),
  ];
}

/**
 * Files below a folder, without following links; a file that vanishes meanwhile is none. A clone of a repository is left
 * out: ours holds the fixtures themselves.
 */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === '.git')) return;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

export interface SearchOutcome {
  /** Files that hold at least one pattern. */
  readonly found: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

/** Looks for the patterns in every one of the files, across the borders of what is read at a time; memory stays constant. */
export async function searchFiles(
  paths: AsyncIterable<string>,
  patterns: PatternSet,
): Promise<SearchOutcome> {
  const found: string[] = [];
  const buffer = Buffer.alloc(READ_BYTES + patterns.longest);
  let files = 0;
  let bytes = 0;
  for await (const path of paths) {
    files += 1;
    const searched = await searchFile(path, patterns, buffer);
    bytes += searched.bytes;
    if (searched.found) found.push(path);
  }
  return { found, files, bytes };
}

async function searchFile(
  path: string,
  patterns: PatternSet,
  buffer: Buffer,
): Promise<{ found: boolean; bytes: number }> {
  let bytes = 0;
  try {
    await using file = await open(path);
    for (let kept = 0; ;) {
      const { bytesRead } = await file.read(buffer, kept, READ_BYTES);
      if (bytesRead === 0) return { found: false, bytes };
      bytes += bytesRead;
      const end = kept + bytesRead;
      if (patterns.occursIn(buffer.subarray(0, end))) return { found: true, bytes };
      // What may be the beginning of a pattern stays, in front of what is read next.
      kept = Math.min(end, patterns.longest - 1);
      buffer.copyWithin(0, end - kept, end);
    }
  } catch {
    // Gone, or another account's: neither is ours.
    return { found: false, bytes };
  }
}

/** Files changed since a time, for folders that others use too. */
export async function* changedSince(paths: AsyncIterable<string>, time: Date): AsyncGenerator<string> {
  for await (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs >= time.getTime()) yield path;
  }
}

export async function readSecrets(paths: readonly string[]): Promise<Buffer[]> {
  return Promise.all(paths.map((path) => readFile(path)));
}
