import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyRotation } from '@castellan/contracts';
import type { ApiClient } from '../client/api-client.js';
import type { Invocation } from '../invocation.js';

const LOOK_MS = 400;

/** Follows the last rotation of a project to its end, on a line of standard error. */
export async function watchRotation(
  { terminal, signal }: Invocation,
  api: ApiClient,
  project: string,
): Promise<KeyRotation> {
  const line = terminal.statusLine();
  for (;;) {
    const { rotation } = await api.projectKeys(project);
    if (rotation === undefined) throw new Error('a rotation that was asked for is gone');
    line.show(describeProgress(rotation));
    if (rotation.state !== 'running') {
      line.done();
      return rotation;
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
}

function describeProgress({ totalKeys, remainingKeys }: KeyRotation): string {
  if (totalKeys === undefined || remainingKeys === undefined) return 're-wrapping  counting';
  const moved = totalKeys - remainingKeys;
  const percent = totalKeys === 0 ? 100 : Math.floor((100 * moved) / totalKeys);
  return `re-wrapping  ${percent} %  ${moved} of ${totalKeys} data keys`;
}
