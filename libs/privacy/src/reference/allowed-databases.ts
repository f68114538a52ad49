import type { PostgresSource } from '@castellan/contracts';
import { Injectable } from '@nestjs/common';
import { PrivacyError } from '../privacy-error.js';

/** Which databases stewards may name: the operator's list, for every name is one that this installation connects to. */
@Injectable()
export class AllowedDatabases {
  /** `host:port` each. */
  constructor(private readonly addresses: readonly string[]) {}

  /** @throws source_not_allowed */
  require({ host, port }: PostgresSource): void {
    const address = `${host}:${port}`;
    if (this.addresses.includes(address)) return;
    throw new PrivacyError('source_not_allowed', {
      kind: 'forbidden',
      publicDetail: `Datasets may not name the database at ${address}. The operator of this installation lists those that they may (DATASET_DATABASES).`,
    });
  }
}
