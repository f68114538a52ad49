import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CheckpointSigner, Sequencer, verifyStoredLog, type CheckpointRequest } from './index.js';
import { numbered, sequenceAll, SpecLog } from './testing/spec-log.js';

let spec: SpecLog;
beforeAll(async () => {
  spec = await SpecLog.open();
});
afterAll(() => spec.close());

const storedIds = async (): Promise<string[]> =>
  (
    await spec.database.client.auditEntry.findMany({ orderBy: { index: 'asc' }, select: { eventId: true } })
  ).map(({ eventId }) => eventId);
const verdict = () =>
  verifyStoredLog(spec.database, spec.identity, spec.memory.note === undefined ? [] : [spec.memory.note]);

describe('an event', () => {
  it('is a leaf with a proof once a checkpoint covers it', async () => {
    const id = await spec.database.transaction((tx) => spec.log.append(tx, numbered(0)));
    const covered = spec.log.sequenced(id);
    await sequenceAll(spec.sequencer());
    expect(await covered).toMatchObject({ index: 0n });
    expect(await spec.reader.inclusionProof(id)).toMatchObject({
      index: '0',
      treeSize: '1',
      checkpoint: spec.memory.note,
    });
  });
});
