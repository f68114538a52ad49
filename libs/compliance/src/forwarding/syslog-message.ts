import type { LeafToWrite } from '../exports/formats/row-format.js';
import { severityOf } from '../exports/formats/severity.js';

/** 13, log audit (RFC 5424 §6.2.1). */
const LOG_AUDIT = 13;
const levels = { low: 6, medium: 4, high: 1 } as const;

/** IANA's number for documentation and examples (RFC 5612): Castellan has none of its own. */
const ENTERPRISE = 32473;

/**
 * One RFC 5424 message: facility "log audit", the leaf's place and hash as structured data, and `text` (UTF-8, marked by a
 * byte order mark as §6.4 has it). The host name is the log's origin.
 */
export function syslogMessage({ record, tree }: LeafToWrite, text: string): string {
  const level = levels[severityOf(record.action, record.decision)];
  const host = ascii(tree.origin, 255);
  const data = [
    ['leafIndex', record.index],
    ['leafHash', record.leafHash],
    ['treeSize', tree.size],
    ['eventId', record.eventId],
  ].map(([name, value]) => ` ${name}="${escaped(value ?? '')}"`);
  const header = `<${LOG_AUDIT * 8 + level}>1 ${record.time} ${host} castellan - ${ascii(record.action, 32)}`;
  return `${header} [castellan@${ENTERPRISE}${data.join('')}] \ufeff${text}`;
}

/** RFC 5425 §4.3: the length in octets, a space, the message. */
export function octetCounted(message: string): Buffer {
  const bytes = Buffer.from(message);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

function ascii(text: string, length: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, length) || '-';
}

function escaped(value: string): string {
  return value.replaceAll(/["\\\]]/g, '\\$&');
}
