import type { ReadEntries } from '@castellan/audit';
import {
  decodeEntryBundle,
  decodeTile,
  entryBundlePath,
  tilePath,
  type ReadTile,
} from '@castellan/merkle-log';
import type { HttpConnection } from '../client/http-connection.js';
import { problemError } from '../client/problem-error.js';

/** The audit log as a server presents it (C2SP tlog-tiles). Nothing that comes from here is believed for coming from here. */
export class ServedLog {
  constructor(private readonly connection: HttpConnection) {}

  async checkpoint(): Promise<string> {
    const response = await this.connection.send('GET', '/audit/log/checkpoint', { accept: 'text/plain' });
    return response.text();
  }

  readonly readTile: ReadTile = async (tile) => {
    const bytes = await this.bytes(tilePath(tile));
    return bytes === undefined ? undefined : decodeTile(bytes);
  };

  readonly readEntries: ReadEntries = async (index, width) => {
    const bytes = await this.bytes(entryBundlePath({ index, width }));
    return bytes === undefined ? [] : decodeEntryBundle(bytes);
  };

  /** The bytes of a tile or a bundle; undefined for what the log says that it does not have. */
  async bytes(path: string): Promise<Uint8Array | undefined> {
    const response = await this.connection.raw('GET', `/audit/log/${path}`, {
      accept: 'application/octet-stream',
    });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    const error = await problemError(response);
    if (error.kind === 'not_found') return undefined;
    throw error;
  }
}
