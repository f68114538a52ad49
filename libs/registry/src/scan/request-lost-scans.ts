import { Injectable } from '@nestjs/common';
import { VersionStore } from '../versions/version-store.js';
import { ScanRequests } from './scan-requests.js';

/** Asks again for every scan that is still owed: a process may have died between finalising and asking. */
@Injectable()
export class RequestLostScans {
  constructor(
    private readonly versions: VersionStore,
    private readonly requests: ScanRequests,
  ) {}

  async execute(): Promise<void> {
    for (const versionId of await this.versions.awaitingScan()) await this.requests.request(versionId);
  }
}
