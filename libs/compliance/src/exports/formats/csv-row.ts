import type { LeafToWrite } from './row-format.js';

const columns: readonly (readonly [string, (leaf: LeafToWrite) => string | undefined])[] = [
  ['leaf_index', ({ record }) => record.index],
  ['leaf_hash', ({ record }) => record.leafHash],
  ['tree_size', ({ tree }) => tree.size],
  ['tree_root', ({ tree }) => tree.root],
  ['event_id', ({ record }) => record.eventId],
  ['time', ({ record }) => record.time],
  ['action', ({ record }) => record.action],
  ['decision', ({ record }) => record.decision],
  ['reason', ({ event }) => event?.reason],
  ['actor_kind', ({ event }) => event?.actor.kind],
  ['actor_id', ({ event }) => event?.actor.id],
  ['actor_name', ({ event }) => event?.actor.name],
  ['credential_id', ({ event }) => event?.actor.credentialId],
  ['resource_kind', ({ event }) => event?.resource?.kind],
  ['resource_id', ({ event }) => event?.resource?.id],
  ['resource_digest', ({ event }) => event?.resource?.digest],
  ['source', ({ event }) => event?.source],
  ['request_id', ({ event }) => event?.requestId],
  ['details', ({ event }) => (event?.details === undefined ? undefined : JSON.stringify(event.details))],
  ['expired', ({ record }) => (record.expired === true ? 'true' : undefined)],
  // Quoted JSON begins with a brace, so that the exact text needs no guard against formulas and stays exact.
  ['leaf', ({ record }) => record.event],
];

export const csvHeader = `${columns.map(([name]) => name).join(',')}\r\n`;

/** RFC 4180, and no cell that a spreadsheet would take for a formula (OWASP, CSV injection). */
export function csvRow(leaf: LeafToWrite): string {
  return `${columns.map(([, value]) => cell(value(leaf) ?? '')).join(',')}\r\n`;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
