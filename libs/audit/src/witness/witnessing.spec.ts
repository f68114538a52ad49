import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openCheckpoint, openCosignatures, parseNote, VerifierKey } from '@castellan/signed-note';
import { readWitnesses, Witnessing } from '../index.js';
import { SpecLog } from '../testing/spec-log.js';
import { TestWitness } from '../testing/test-witness.js';

const spec = await SpecLog.open();
const logKey = VerifierKey.parse(spec.identity.vkey);
afterAll(() => spec.close());

let witnesses: TestWitness[];
let failures: unknown[];
let witnessing: Witnessing;
beforeEach(async () => {
  await spec.reset();
  witnesses = [await TestWitness.start(logKey), await TestWitness.start(logKey)];
  failures = [];
  witnessing = resumed();
});
afterEach(() => Promise.all(witnesses.map((witness) => witness.stop())));

/** As after a restart: it remembers nothing of what the witnesses know. */
const resumed = () =>
  new Witnessing(
    spec.database,
    witnesses.map(({ witness }) => witness),
    { onFailure: (error) => failures.push(error) },
  );
const cosigners = async (note: string | undefined) => {
  const { text, signatures } = parseNote(note ?? '');
  const keys = witnesses.map(({ witness }) => witness.key);
  return openCosignatures(text, signatures, keys).length;
};

describe('witnesses', () => {
  it('cosign what is served, and the log’s own signature still stands', async () => {
    expect(await witnessing.round()).toBe(0);
    await spec.grow(30);
    expect(await witnessing.round()).toBe(2);
    const served = await spec.reader.checkpoint();
    expect(await cosigners(served)).toBe(2);
    expect(openCheckpoint(served ?? '', spec.identity.origin, [logKey]).size).toBe(30);
    await spec.grow(300, 30);
    expect(await cosigners(await spec.reader.checkpoint())).toBe(0);
    expect(await spec.reader.witnessedCheckpoint()).toBe(served);
    expect(await witnessing.round()).toBe(2);
    expect(await spec.reader.witnessedCheckpoint()).toBe(await spec.reader.checkpoint());
    expect(failures).toEqual([]);
  });

  it('are asked again after a restart, from the size that they say they know', async () => {
    await spec.grow(30);
    await witnessing.round();
    await spec.grow(20, 30);
    expect(await resumed().round()).toBe(2);
    expect(failures).toEqual([]);
  });

  it('that are down cost their own cosignature only, and give it when they are back', async () => {
    await spec.grow(30);
    witnesses[0]!.broken = 503;
    expect(await witnessing.round()).toBe(1);
    expect(failures).toMatchObject([{ code: 'witness_refused' }]);
    witnesses[0]!.broken = undefined;
    expect(await witnessing.round()).toBe(2);
    expect(await cosigners(await spec.reader.checkpoint())).toBe(2);
  });

  it('that sign something else are not believed', async () => {
    await spec.grow(30);
    witnesses[0]!.lying = true;
    expect(await witnessing.round()).toBe(1);
    expect(failures).toMatchObject([{ code: 'signature_invalid' }]);
    expect(await cosigners(await spec.reader.checkpoint())).toBe(1);
  });

  it('tell that a log was set back, even when its signer was set back with it', async () => {
    await spec.grow(30);
    await spec.grow(30, 30);
    await witnessing.round();
    await spec.reset();
    await spec.grow(10, 500);
    expect(await resumed().round()).toBe(0);
    expect(failures).toMatchObject([{ code: 'witness_ahead' }, { code: 'witness_ahead' }]);
  });

  it('do not cosign a second history that has grown longer', async () => {
    await spec.grow(30);
    await witnessing.round();
    await spec.reset();
    await spec.grow(50, 500);
    expect(await resumed().round()).toBe(0);
    expect(failures).toMatchObject([{ code: 'witness_refused' }, { code: 'witness_refused' }]);
    expect(await cosigners(await spec.reader.checkpoint())).toBe(0);
  });

  it('that do not answer are given up on', async () => {
    await spec.grow(30);
    await witnesses[0]!.stop();
    expect(await witnessing.round()).toBe(1);
    expect(failures).toMatchObject([{ code: 'witness_unavailable' }]);
  });
});

describe('the settings of witnesses', () => {
  it('are an address and a key each', () => {
    const { url, key } = witnesses[0]!.witness;
    expect(readWitnesses(` ${url}/ ${key};\n`)).toMatchObject([{ url }]);
    expect(readWitnesses('')).toEqual([]);
  });

  it.each([
    'https://w.example',
    'w.example key',
    `https://w.example ${spec.identity.vkey}`,
    'ftp://w.example x',
  ])('are refused when they are %s', (text) => {
    expect(() => readWitnesses(text)).toThrow('witness_malformed');
  });
});
