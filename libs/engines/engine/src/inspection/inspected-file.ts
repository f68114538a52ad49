import { type ByteSource } from '../format/byte-source.js';

/** Everything one file's inspector may look at. */
export interface InspectedFile {
  readonly path: string;
  readonly source: ByteSource;
  /** The version's other files, for references between files. */
  readonly files: ReadonlyMap<string, ByteSource>;
}

/** Whether a path inside an archive or beside a model points out of its folder. */
export function leavesFolder(path: string): boolean {
  if (/^([/\\]|[A-Za-z]:)/.test(path) || path.includes('\0')) return true;
  return path.split(/[/\\]/).includes('..');
}
