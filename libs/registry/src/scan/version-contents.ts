import { Injectable } from '@nestjs/common';
import type { Finding, Verdict } from '@castellan/contracts';

/** What a look at the plaintext files says. */
export interface Inspection {
  /** What the files really are, by content: `keras-h5`, `onnx`, `pickle`, `unknown`, … */
  readonly format: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly scannedFiles: readonly string[];
  /** Which digests of the manifest every file was compared with, and has: `sha256`, `sha256Tree`. */
  readonly digests: readonly string[];
  /** Name and version of the scanner and its rules. */
  readonly scanner: string;
}

/**
 * Looks into a finalised version: gets its keys released for the purpose `scan`, checks its files, inspects that very content in
 * memory, and forgets it. Scanning nothing is not clean.
 *
 * Errors: what the release refuses with; a file whose digest is not the manifest's is a finding, not an error.
 */
@Injectable()
export abstract class VersionContents {
  abstract inspect(versionId: string): Promise<Inspection>;
}
