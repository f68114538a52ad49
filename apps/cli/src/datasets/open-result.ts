import { createHash } from 'node:crypto';
import { CastellanError } from '@castellan/errors';
import { openReleased, webRecipient } from '@castellan/vault/web';
import type { ApiClient } from '../client/api-client.js';

/**
 * A task's result, opened here: the server passes it on sealed, with its key sealed to a key that exists for this call.
 * @throws what the release refuses with; `result_differs` when it is not what the server announced
 */
export async function openResult(
  api: ApiClient,
  dataset: string,
  task: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const recipient = await webRecipient();
  const publicKey = Buffer.from(recipient.publicKey).toString('base64');
  const released = await api.resultKey(dataset, task, { publicKey });
  const sealed = new Uint8Array(await (await api.result(dataset, task)).arrayBuffer());
  const opened = await openReleased(recipient, released, sealed);
  if (createHash('sha256').update(opened).digest('hex') === released.sha256) return opened;
  throw new CastellanError({
    code: 'result_differs',
    kind: 'internal',
    publicDetail: 'The result is genuine, but it is not the one whose digest the server named.',
  });
}
