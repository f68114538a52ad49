import { createHash } from 'node:crypto';
import type { BundleArchive } from './bundle-archive.js';
import { EvidenceError, type Faults } from './fault.js';

const LINE = /^([0-9a-f]{64}) {2}(.+)$/;

/** Neither can stand in the list: the list itself, and what signs it. */
const UNLISTED = new Set(['SHA256SUMS', 'SHA256SUMS.cms']);

/** Every file is listed with its own SHA-256, and every listed file is there. */
export async function checkSums(archive: BundleArchive, faults: Faults): Promise<void> {
  const sums = await faults.guard('SHA256SUMS', () => parseSums(archive.text('SHA256SUMS')));
  if (sums === undefined) return;
  for (const [path, bytes] of archive.files) {
    if (UNLISTED.has(path)) continue;
    const expected = sums.get(path);
    const actual = sha256(bytes);
    if (expected === undefined) faults.add('file_unlisted', path, 'It is not in SHA256SUMS.');
    else if (expected !== actual)
      faults.add('file_changed', path, `Its SHA-256 is ${actual}, not ${expected}.`);
  }
  for (const path of sums.keys())
    if (!archive.files.has(path))
      faults.add('file_missing', path, 'SHA256SUMS lists it, and it is not there.');
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function parseSums(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : [];
  for (const line of lines) {
    const [, digest, path] = LINE.exec(line) ?? [];
    if (digest === undefined || path === undefined || sums.has(path)) throw malformed();
    sums.set(path, digest);
  }
  if (sums.size === 0) throw malformed();
  return sums;
}

function malformed(): EvidenceError {
  return new EvidenceError('sums_malformed', 'It is not a list as sha256sum writes it.');
}
