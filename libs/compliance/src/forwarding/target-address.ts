import type { LookupFunction } from 'node:net';
import { lookup as resolve } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { ComplianceError } from '../compliance-error.js';

const protocols = { webhook: 'https:', syslog: 'syslog+tls:' } as const;

/** Reads an address as it was entered: the protocol of its kind, a host, and nothing that hides another one. */
export function parseTargetAddress(kind: keyof typeof protocols, address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const wanted = protocols[kind];
  if (url === undefined || url.protocol !== wanted || url.hostname === '')
    throw addressInvalid(`An address of a ${kind} begins with ${wanted}//`);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw addressInvalid('An address holds no user, no password and no fragment.');
  if (kind === 'syslog' && (!/^\/?$/.test(url.pathname) || url.search !== ''))
    throw addressInvalid('A syslog address is a host and a port, such as syslog+tls://siem.example:6514.');
  return url;
}

/** IANA's special-purpose registries: this host, private networks, link-local (cloud metadata), multicast, mappings of IPv4. */
const special: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];

/**
 * Which addresses events may be sent to: public ones, and the networks that the operator of the platform allowed. Asked of
 * the very address that is connected to, so that a name which answers differently the second time gains nothing.
 */
export class AllowedNetworks {
  readonly #special = listOf(special.map(([network, prefix]) => `${network}/${prefix}`));
  readonly #allowed: BlockList;

  /** @param networks in CIDR notation */
  constructor(networks: readonly string[]) {
    this.#allowed = listOf(networks);
  }

  allows(address: string): boolean {
    // An IPv4 address that is written as an IPv6 one leads where the IPv4 address does.
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
    const plain = mapped ?? address;
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(plain) === 0) return false;
    return this.#allowed.check(plain, family) || !this.#special.check(plain, family);
  }

  /** @throws ComplianceError `target_address_forbidden` for a literal address; names are judged by `lookup` */
  requireLiteral(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.allows(host)) throw forbidden(host);
  }

  /** Resolves for `connect`, and fails when any answer leads into a network that is not allowed. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = error === null ? addresses.find(({ address }) => !this.allows(address)) : undefined;
      const failure = error ?? (refused === undefined ? null : forbidden(refused.address));
      const [first] = addresses ?? [];
      if (failure !== null || first === undefined)
        callback(failure ?? new Error(`${hostname} has no address`), '', 4);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function addressInvalid(publicDetail: string): ComplianceError {
  return new ComplianceError('target_address_invalid', { kind: 'invalid', publicDetail });
}

function forbidden(address: string): ComplianceError {
  return new ComplianceError('target_address_forbidden', {
    kind: 'forbidden',
    publicDetail: `${address} is in a network that events may not be sent to. FORWARDING_NETWORKS can allow it.`,
  });
}
