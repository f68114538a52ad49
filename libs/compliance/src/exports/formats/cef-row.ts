import type { LeafToWrite } from './row-format.js';
import { productVersion, severityOf } from './severity.js';

/** ArcSight Common Event Format, version 0. */
export function cefRow({ record, event, tree }: LeafToWrite): string {
  const header = [
    'CEF:0',
    'Castellan',
    'Castellan',
    productVersion,
    record.action,
    record.action,
    severity(record),
  ];
  const extension: readonly (readonly [string, string | undefined])[] = [
    ['rt', String(new Date(record.time).getTime())],
    ['externalId', record.eventId],
    ['act', record.action],
    ['outcome', record.decision],
    ['reason', event?.reason],
    ['suid', event?.actor.id],
    ['suser', event?.actor.name ?? event?.actor.kind],
    ['src', isAddress(event?.source) ? event?.source : undefined],
    ['shost', isAddress(event?.source) ? undefined : event?.source],
    ['cn1Label', 'leafIndex'],
    ['cn1', record.index],
    ['cn2Label', 'treeSize'],
    ['cn2', tree.size],
    ['cs1Label', 'leafHash'],
    ['cs1', record.leafHash],
    ['cs2Label', 'treeRoot'],
    ['cs2', tree.root],
    ['cs3Label', 'resource'],
    ['cs3', record.resource],
    ['cs4Label', 'requestId'],
    ['cs4', event?.requestId],
    ['msg', record.expired === true ? 'expired: only the leaf hash is kept' : record.event],
  ];
  const said = new Set(extension.flatMap(([key, value]) => (value === undefined ? [] : [key])));
  const pairs = extension.flatMap(([key, value]) =>
    value === undefined || (key.endsWith('Label') && !said.has(key.slice(0, -5)))
      ? []
      : [`${key}=${extensionText(value)}`],
  );
  return `${header.map(headerText).join('|')}|${pairs.join(' ')}`;
}

function severity({ action, decision }: LeafToWrite['record']): string {
  return { low: '3', medium: '6', high: '8' }[severityOf(action, decision)];
}

function headerText(text: string): string {
  return text.replaceAll(/[\\|]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ');
}

function extensionText(text: string): string {
  return text.replaceAll(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function isAddress(source: string | undefined): boolean {
  return source !== undefined && /^\d{1,3}(\.\d{1,3}){3}$/.test(source);
}
