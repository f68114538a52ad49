import { ArrivedBlobs, type ArrivingVersion, Version, VersionTransfer } from '@castellan/contracts';
import type { HttpConnection, Sending } from './http-connection.js';

/** Versions on their way from platform to platform. */
export class VersionTransferClient {
  constructor(private readonly connection: HttpConnection) {}

  describe(versionId: string) {
    return this.connection.json(VersionTransfer, 'GET', `/api/v1/versions/${versionId}/transfer`);
  }

  /** The n-th sealed blob. */
  sealed(versionId: string, turn: number, signal: AbortSignal): Promise<Response> {
    return this.connection.send('GET', `/api/v1/versions/${versionId}/sealed/${turn}`, {
      accept: 'application/octet-stream',
      signal,
    });
  }

  arrived(project: string, versionId: string) {
    return this.connection.json(ArrivedBlobs, 'GET', `${arrivalsOf(project)}/${versionId}`);
  }

  async bring(project: string, versionId: string, sha256: string, sending: Sending): Promise<void> {
    await this.connection.send('PUT', `${arrivalsOf(project)}/${versionId}/${sha256}`, {
      contentType: 'application/octet-stream',
      ...sending,
    });
  }

  receive(project: string, json: ArrivingVersion) {
    return this.connection.json(Version, 'POST', arrivalsOf(project), { json });
  }
}

function arrivalsOf(project: string): string {
  return `/api/v1/projects/${encodeURIComponent(project)}/arrivals`;
}
