import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../usage-error.js';

/* How arguments are read. A bad one is a usage error before anything is done. */

/** `model@number`, the name that people give a version. */
export function versionReference(text: string): string {
  return expect(text, /^[a-z0-9][a-z0-9._-]{0,62}@[1-9]\d{0,8}$/, 'model@number, for example digits@1');
}

export function nameText(text: string): string {
  return expect(
    text,
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'a name of lower-case letters, digits, ".", "_" and "-"',
  );
}

export function sha256Text(text: string): string {
  return expect(text, /^[0-9a-f]{64}$/, '64 lowercase hex characters');
}

export function uuidText(text: string): string {
  return expect(text, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'an id, as the list shows it');
}

export function wholeNumber(text: string): number {
  return Number(expect(text, /^[1-9]\d{0,8}$/, 'a whole number above zero'));
}

/** Seconds to minutes: `30s`, `5m`. @returns milliseconds */
export function durationText(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})(s|m|h)$/.exec(text) ?? [];
  if (unit === '') throw new InvalidArgumentError('Expected a duration, for example 30s, 5m or 1h.');
  return Number(count) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
}

/** Never empty, as it is where a script's variable isn't set: that would be the folder one happens to stand in. */
export function folderPath(text: string): string {
  return expect(text, /./, 'the path of a folder');
}

export function portNumber(text: string): number {
  const port = Number(expect(text, /^\d{1,5}$/, 'a TCP port'));
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a TCP port.');
}

/** An exact decimal, kept as text: epsilons are never rounded. */
export function decimalText(text: string): string {
  return expect(text, /^\d+(\.\d+)?$/, 'a decimal number, for example 0.5');
}

/** A small probability, kept as text: `1e-9` or `0.000001`. */
export function probabilityText(text: string): string {
  return expect(text, /^\d+(\.\d+)?([eE]-?\d{1,3})?$/, 'a small probability, for example 1e-6');
}

/** `role=count`, for a quorum. */
export function quorumPart(text: string, earlier: QuorumPart[] = []): QuorumPart[] {
  const [, role = '', count = ''] = /^([a-z0-9][a-z0-9._-]{0,62})=([1-9]\d?)$/.exec(text) ?? [];
  if (role === '') throw new InvalidArgumentError('Expected role=count, for example reviewer=2.');
  return [...earlier, { role, count: Number(count) }];
}
export interface QuorumPart {
  readonly role: string;
  readonly count: number;
}

/** JSON given in place, or in a file as `@path`. @throws UsageError */
export async function jsonArgument(text: string): Promise<unknown> {
  const source = text.startsWith('@') ? text.slice(1) : 'the argument';
  try {
    return JSON.parse(text.startsWith('@') ? await readFile(source, 'utf8') : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`No JSON in ${source}: ${reason}`, cause);
  }
}

function expect(text: string, pattern: RegExp, expected: string): string {
  if (pattern.test(text)) return text;
  throw new InvalidArgumentError(`Expected ${expected}.`);
}
