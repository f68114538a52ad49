import type { TableSource } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';
import { bucketAddress } from './bucket-address.js';

export interface ListedSources {
  /** `host:port` each. */
  readonly databases: readonly string[];
  /** `https://host/bucket` each. */
  readonly buckets: readonly string[];
}

/** Which databases and buckets stewards may name: the operator's lists, for every name is one that this installation connects to. */
@Injectable()
export class AllowedSources {
  constructor(private readonly listed: ListedSources) {}

  /** @throws source_not_allowed */
  require(source: TableSource): void {
    if (source.kind === 's3') requireListed('bucket', bucketAddress(source), this.buckets);
    else requireListed('database', `${source.host}:${source.port}`, this.listed.databases);
  }

  private get buckets(): readonly string[] {
    return this.listed.buckets.map((address) => new URL(address).href);
  }
}

function requireListed(what: 'bucket' | 'database', address: string, listed: readonly string[]): void {
  if (listed.includes(address)) return;
  throw new PrivacyError('source_not_allowed', {
    kind: 'forbidden',
    publicDetail: `Datasets may not name the ${what} at ${address}. The operator of this installation lists those that they may (${what === 'bucket' ? 'DATASET_BUCKETS' : 'DATASET_DATABASES'}).`,
  });
}
