import { readRecordedEvent, verifyLog, type LogVerdict, type RecordedEvent } from '@castellan/audit';
import { decodeEntryBundle, decodeTile, entryBundlePath, tilePath } from '@castellan/merkle-log';
import type { ApiClient } from '../../apps/cli/src/client/api-client.js';

/** The log as anybody sees it from outside: what was published, and a memory of checkpoints. */
export class OutsideView {
  readonly #held: string[] = [];

  constructor(private readonly api: ApiClient) {}

  /** Keeps the checkpoint of this moment: whatever happens, the log must go on from it. */
  async holdCheckpoint(): Promise<void> {
    this.#held.push(await this.#text('checkpoint'));
  }

  /** Verifies the whole log against every checkpoint ever held, and gives its events. */
  async verify(): Promise<{ verdict: LogVerdict; events: RecordedEvent[] }> {
    const { logVkey: vkey } = await this.api.trust();
    const events: RecordedEvent[] = [];
    const verdict = await verifyLog({
      vkey,
      checkpointNote: await this.#text('checkpoint'),
      held: this.#held,
      readTile: async (tile) => decodeTile(await this.#bytes(tilePath(tile))),
      readEntries: async (index, width) => {
        const entries = decodeEntryBundle(await this.#bytes(entryBundlePath({ index, width })));
        for (const entry of entries) events.push(eventOf(entry));
        return entries;
      },
    });
    return { verdict, events };
  }

  async #text(path: string): Promise<string> {
    return (await this.api.connection.send('GET', `/audit/log/${path}`)).text();
  }

  async #bytes(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.api.connection.send('GET', `/audit/log/${path}`)).arrayBuffer());
  }
}

function eventOf(entry: Uint8Array): RecordedEvent {
  const event = readRecordedEvent(Buffer.from(entry).toString('utf8'));
  if (event === undefined) throw new Error('an entry of the log is no event');
  return event;
}
