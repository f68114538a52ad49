import { createHash, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sealWithSalt } from './seal.js';
import { edited, type Edit } from './testing/edits.js';
import { collect, entryPoints, inPieces, looksAlike, plaintextOf } from './testing/objects.js';

type Outcome = 'ok' | 'truncated' | 'commitment' | 'chunk';
type WrittenEdit =
  | Exclude<Edit, { readonly takeHeaderOf: Uint8Array }>
  | { readonly takeHeaderOfSalt: string }
  | { readonly takeCommitmentOfDataKey: string };

interface Sealing {
  readonly name: string;
  readonly dataKey: string;
  readonly context: string;
  readonly salt: string;
  readonly plaintextBytes: number;
  readonly sealedSha256: string;
  readonly expect: Outcome;
}
interface Vector extends Sealing {
  readonly sealed?: string;
  readonly edits: readonly WrittenEdit[];
  readonly editedSha256: string;
  readonly openDataKey: string;
  readonly openContext: string;
}
/** One edit, at each place from `from` to below `below`. */
interface Sweep extends Sealing {
  readonly each: 'flipBit' | 'cutTo';
  readonly from: number;
  readonly below: number;
}

const { vectors, sweeps }: { vectors: Vector[]; sweeps: Sweep[] } = JSON.parse(
  readFileSync(new URL('../vectors/sealed-stream-v1.json', import.meta.url), 'utf8'),
);

const hex = (text: string) => Buffer.from(text, 'hex');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function sealedOf({ dataKey, context, salt, plaintextBytes, sealedSha256 }: Sealing): Promise<Buffer> {
  const plaintext = inPieces(plaintextOf(plaintextBytes), 65_536);
  const sealed = await collect(
    sealWithSalt(hex(salt), createSecretKey(hex(dataKey)), hex(context), plaintext),
  );
  expect(sha256(sealed)).toBe(sealedSha256);
  return sealed;
}

/** Headers of other objects are made, not written down. */
async function editOf(edit: WrittenEdit, { dataKey, context, salt }: Vector): Promise<Edit> {
  const headerOf = async (otherSalt: string, otherKey: string) =>
    collect(sealWithSalt(hex(otherSalt), createSecretKey(hex(otherKey)), hex(context), inPieces(hex(''))));
  if ('takeHeaderOfSalt' in edit) return { takeHeaderOf: await headerOf(edit.takeHeaderOfSalt, dataKey) };
  // The salt stays: the same salt under the other key.
  if ('takeCommitmentOfDataKey' in edit)
    return { takeHeaderOf: await headerOf(salt, edit.takeCommitmentOfDataKey) };
  return edit;
}

describe('the vectors of another implementation', () => {
  it.each(vectors)('$name: $expect', async (vector) => {
    const sealed = await sealedOf(vector);
    if (vector.sealed !== undefined) expect(sealed).toEqual(hex(vector.sealed));
    const edits = await Promise.all(vector.edits.map((edit) => editOf(edit, vector)));
    const given = edited(sealed, edits);
    expect(sha256(given)).toBe(vector.editedSha256);
    for (const openWhole of Object.values(entryPoints)) {
      const opened = openWhole(createSecretKey(hex(vector.openDataKey)), hex(vector.openContext), given);
      if (vector.expect === 'ok') {
        expect(plaintextOf(vector.plaintextBytes).equals(await opened)).toBe(true);
      } else {
        await expect(opened).rejects.toMatchObject({ ...looksAlike, failure: vector.expect });
      }
    }
  });

  it.each(sweeps)('$name: $expect', async (sweep) => {
    const sealed = await sealedOf(sweep);
    const [key, context] = [createSecretKey(hex(sweep.dataKey)), hex(sweep.context)];
    for (let place = sweep.from; place < sweep.below; place++) {
      const given = edited(sealed, [sweep.each === 'flipBit' ? { flipBit: place } : { cutTo: place }]);
      for (const openWhole of Object.values(entryPoints)) {
        await expect(openWhole(key, context, given)).rejects.toMatchObject({
          ...looksAlike,
          failure: sweep.expect,
        });
      }
    }
  });
});
