import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { leafHash, verifyInclusion } from '@castellan/merkle-log';
import { NoteSigner } from '@castellan/signed-note';
import fc from 'fast-check';
import { readCheckpoint } from '../../apps/console/src/audit/checkpoint.js';
import { climb, leafHash as browserLeafHash } from '../../apps/console/src/audit/inclusion.js';
import { checkSignature } from '../../apps/console/src/audit/note-signature.js';
import { verifyEvent } from '../../apps/console/src/audit/verify-event.js';
import { FakeLog } from './fake/fake-log.js';

function logOf(size: number): FakeLog {
  const log = new FakeLog();
  for (let index = 0; index < size; index++)
    log.append(
      { action: 'person.created', actor: { kind: 'process', name: 'api' }, details: { index } },
      new Date(0),
    );
  return log;
}

function proofFrom(log: FakeLog, index: number) {
  const record = log.records[index];
  if (record === undefined) throw new Error(`no leaf ${index}`);
  return log.prove(record.eventId);
}

const trusting = (log: FakeLog) => ({ logOrigin: log.origin, logVkey: log.vkey });

describe("the browser's own verification", () => {
  it('hashes a leaf as the log does', async () => {
    const text = '{"action":"审计","n":1}';
    expect(Buffer.from(await browserLeafHash(text))).toEqual(Buffer.from(leafHash(Buffer.from(text))));
  });

  it('follows every proof of every small tree to its root', async () => {
    for (let size = 1; size <= 18; size++) {
      const log = logOf(size);
      for (let index = 0; index < size; index++) {
        const { verified, signature } = await verifyEvent(proofFrom(log, index), trusting(log));
        expect({ size, index, verified, signature }).toEqual({
          size,
          index,
          verified: true,
          signature: 'valid',
        });
      }
    }
  });

  it('believes no proof with anything changed', async () => {
    const log = logOf(13);
    const flipped = (base64: string) => {
      const bytes = Buffer.from(base64, 'base64');
      bytes[7] = (bytes[7] ?? 0) ^ 1;
      return bytes.toString('base64');
    };
    await fc.assert(
      fc.asyncProperty(
        fc.nat(12),
        fc.constantFrom('leaf', 'index', 'hash', 'shorter', 'longer', 'root', 'size', 'signature', 'origin'),
        fc.nat(100),
        async (index, change, seed) => {
          const proof = proofFrom(log, index);
          const at = seed % Math.max(1, proof.hashes.length);
          const [origin = '', size = '', root = '', ...rest] = proof.checkpoint.split('\n');
          const line = (lines: string[]) => ({ ...proof, checkpoint: lines.join('\n') });
          const changed = {
            leaf: { ...proof, leaf: `${proof.leaf} ` },
            index: { ...proof, index: String((index + 1) % 13) },
            hash: {
              ...proof,
              hashes: proof.hashes.map((hash, each) => (each === at ? flipped(hash) : hash)),
            },
            shorter: { ...proof, hashes: proof.hashes.slice(1) },
            longer: { ...proof, hashes: [...proof.hashes, flipped(root)] },
            root: line([origin, size, flipped(root), ...rest]),
            size: line([origin, '14', root, ...rest]),
            signature: line([origin, size, root, ...rest.map((each) => each.replace(/.{8}$/, 'AAAAAAA='))]),
            origin: line(['another.log', size, root, ...rest]),
          }[change];
          expect((await verifyEvent(changed, trusting(log))).verified).toBe(false);
        },
      ),
      { numRuns: 120, seed: 7 },
    );
  });

  it("does not take another key's signature for the log's", async () => {
    const log = logOf(3);
    const other = new NoteSigner(
      log.origin,
      generateKeyPairSync('ed25519').privateKey,
    ).verifierKey.toString();
    expect((await verifyEvent(proofFrom(log, 1), { ...trusting(log), logVkey: other })).signature).toBe(
      'invalid',
    );
    const checkpoint = readCheckpoint(proofFrom(log, 1).checkpoint);
    if (checkpoint === undefined) throw new Error('unreadable');
    expect(await checkSignature(checkpoint, log.vkey.replace('+', '+0'))).toBe('invalid');
  });

  it('agrees with merkle-log about the proofs that it believes', async () => {
    const log = logOf(300);
    for (const index of [0, 1, 255, 256, 299]) {
      const proof = proofFrom(log, index);
      const hashes = proof.hashes.map((hash) => new Uint8Array(Buffer.from(hash, 'base64')));
      const leaf = new Uint8Array(leafHash(Buffer.from(proof.leaf)));
      const climbed = await climb(leaf, BigInt(index), 300n, hashes);
      if (climbed === undefined) throw new Error('not a proof');
      verifyInclusion({ index, size: 300, leaf, root: climbed.root }, hashes);
    }
  });
});
