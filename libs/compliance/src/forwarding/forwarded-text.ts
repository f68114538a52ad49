import { cefRow } from '../exports/formats/cef-row.js';
import { ocsfRow } from '../exports/formats/ocsf-row.js';
import { jsonRow } from '../exports/formats/json-row.js';
import type { LeafToWrite } from '../exports/formats/row-format.js';

/** One event as one line without an end, in the target's format. */
export function forwardedText(format: string, leaf: LeafToWrite): string {
  if (format === 'cef') return cefRow(leaf);
  if (format === 'ocsf') return JSON.stringify(ocsfRow(leaf));
  return jsonRow(leaf).trimEnd();
}
