import { isIP } from 'node:net';

/** The network of an address: as many leading bits as one household, office or provider's customer keeps. */
export function networkOf(address: string, bits: { readonly v4: 24 | 32; readonly v6: 48 | 64 }): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (isIP(mapped) === 4) return bits.v4 === 32 ? mapped : `${mapped.slice(0, mapped.lastIndexOf('.'))}.0/24`;
  if (isIP(mapped) !== 6) return mapped;
  const groups = groupsOf(mapped).slice(0, bits.v6 / 16);
  return `${groups.join(':')}::/${bits.v6}`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const [left, right] = [head, tail ?? ''].map((half) => half.split(':').filter((group) => group !== ''));
  const middle = tail === undefined ? 0 : Math.max(0, 8 - (left?.length ?? 0) - (right?.length ?? 0));
  const groups = [...(left ?? []), ...Array.from({ length: middle }, () => '0'), ...(right ?? [])];
  return groups.map((group) => (/^[0-9a-f]+$/i.test(group) ? parseInt(group, 16).toString(16) : group));
}
