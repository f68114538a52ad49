import { randomUUID, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { generateKeyPair } from '@castellan/hpke';
import { DataKeys, KeyEncryptionKeys, unwrapDataKey, type DataKeySubject } from './index.js';

/** The keybroker's part of the bargain: makes key-encryption keys, keeps the private halves to itself. */
class BrokerKeys extends KeyEncryptionKeys {
  readonly privateKeys = new Map<string, KeyObject>();
  private readonly inUse = new Map<string, { kekId: string; version: number; publicKey: Uint8Array }>();

  constructor(private readonly test: TestDatabase) {
    super();
  }

  override async current(projectId: string) {
    return this.inUse.get(projectId) ?? this.rotate(projectId);
  }

  async rotate(projectId: string) {
    const { publicKey, privateKey } = generateKeyPair();
    const version = (this.inUse.get(projectId)?.version ?? 0) + 1;
    const kek = { kekId: randomUUID(), version, publicKey };
    const sealedPrivate = Buffer.from('sealed by a KMS');
    await this.test.database.client.keyEncryptionKey.create({
      data: { id: kek.kekId, projectId, version, sealedPrivate },
    });
    this.inUse.set(projectId, kek);
    this.privateKeys.set(kek.kekId, privateKey);
    return kek;
  }
}

describe('DataKeys', () => {
  let test: TestDatabase;
  let broker: BrokerKeys;
  let dataKeys: DataKeys;
  beforeAll(async () => {
    test = await testDatabase();
    broker = new BrokerKeys(test);
    dataKeys = new DataKeys(broker);
  });
  afterAll(() => test.close());

  const version = (project = 'p1'): DataKeySubject => ({ kind: 'version', id: randomUUID(), project });
  const generate = async (subject: DataKeySubject) => {
    const inHand = await dataKeys.generate(subject);
    await test.database.transaction((tx) => inHand.record(tx));
    return inHand;
  };
  const row = (id: string) => test.database.client.dataKey.findUniqueOrThrow({ where: { id } });
  const unwrap = async (id: string, subject: DataKeySubject) => {
    const { kekId, wrapped } = await row(id);
    const privateKey = broker.privateKeys.get(kekId);
    if (privateKey === undefined) throw new Error('no such key-encryption key');
    return unwrapDataKey(privateKey, subject, wrapped);
  };
  const refused = { code: 'hpke_open_failed' };

  it('makes keys that only the holder of the private key-encryption key can have again', async () => {
    const subject = version();
    const { dataKeyId, key } = await generate(subject);
    expect((await unwrap(dataKeyId, subject)).equals(key)).toBe(true);
    expect(key.symmetricKeySize).toBe(32);
  });

  it('stores neither the key nor a public key that could be exchanged', async () => {
    const subject = version();
    const { dataKeyId, key } = await generate(subject);
    const stored = await row(dataKeyId);
    expect(stored.context).toBe(`{"id":"${subject.id}","kind":"version","project":"p1"}`);
    expect(stored.wrapped).toHaveLength(32 + 32 + 16);
    expect(Buffer.from(stored.wrapped).includes(key.export())).toBe(false);
  });

  it('never makes the same key twice', async () => {
    const subject = version();
    const [one, two] = await Promise.all([generate(subject), generate(subject)]);
    expect(one.key.equals(two.key)).toBe(false);
    expect(one.dataKeyId).not.toBe(two.dataKeyId);
  });

  it('is stored once with what it seals, and not at all when that fails', async () => {
    const count = () => test.database.client.dataKey.count();
    const before = await count();
    const inHand = await dataKeys.generate(version());
    const failing = test.database.transaction(async (tx) => {
      await inHand.record(tx);
      throw new Error('the change it was for');
    });
    await expect(failing).rejects.toThrow('the change it was for');
    expect(await count()).toBe(before);
    for (let file = 0; file < 2; file++) await test.database.transaction((tx) => inHand.record(tx));
    expect(await count()).toBe(before + 1);
  });

  it('is gone for good when it is destroyed, and no other with it', async () => {
    const [one, other] = [await generate(version()), await generate(version())];
    await test.database.transaction((tx) => dataKeys.destroy(tx, [one.dataKeyId]));
    await expect(row(one.dataKeyId)).rejects.toThrow();
    expect((await row(other.dataKeyId)).id).toBe(other.dataKeyId);
  });

  it('goes on to a new key-encryption key, and old keys stay readable', async () => {
    const [before, after] = [version('p2'), version('p2')];
    const old = await generate(before);
    await broker.rotate('p2');
    const fresh = await generate(after);
    expect((await row(old.dataKeyId)).kekId).not.toBe((await row(fresh.dataKeyId)).kekId);
    expect((await unwrap(old.dataKeyId, before)).equals(old.key)).toBe(true);
    expect((await unwrap(fresh.dataKeyId, after)).equals(fresh.key)).toBe(true);
  });

  it('does not open for another subject, whatever the rows say', async () => {
    const [mine, theirs] = [version(), version()];
    const { dataKeyId } = await generate(mine);
    const other = await generate(theirs);
    for (const claimed of [theirs, { ...mine, kind: 'dataset' as const }, { ...mine, project: 'p2' }]) {
      await expect(unwrap(dataKeyId, claimed)).rejects.toMatchObject(refused);
    }
    // Somebody who writes any row: moves another version's wrapped key, with its context, under this key's id.
    const { wrapped, context } = await row(other.dataKeyId);
    await test.database.client.dataKey.update({ where: { id: dataKeyId }, data: { wrapped, context } });
    await expect(unwrap(dataKeyId, mine)).rejects.toMatchObject(refused);
  });

  it('does not open under another key-encryption key', async () => {
    const subject = version('p3');
    const { dataKeyId } = await generate(subject);
    const { kekId } = await broker.rotate('p3');
    await test.database.client.dataKey.update({ where: { id: dataKeyId }, data: { kekId } });
    await expect(unwrap(dataKeyId, subject)).rejects.toMatchObject(refused);
  });

  it('does not open when any byte of the wrapping changed', async () => {
    const subject = version();
    const { dataKeyId } = await generate(subject);
    const { kekId, wrapped } = await row(dataKeyId);
    const privateKey = broker.privateKeys.get(kekId);
    if (privateKey === undefined) throw new Error('no such key-encryption key');
    for (let at = 0; at < wrapped.length; at++) {
      const changed = Uint8Array.from(wrapped, (byte, index) => (index === at ? byte ^ 0x10 : byte));
      expect(() => unwrapDataKey(privateKey, subject, changed)).toThrow(expect.objectContaining(refused));
      expect(() => unwrapDataKey(privateKey, subject, wrapped.subarray(0, at))).toThrow(
        expect.objectContaining(refused),
      );
    }
  });

  it('passes on the refusal of whoever gives out key-encryption keys', async () => {
    class Unreachable extends KeyEncryptionKeys {
      override async current(): Promise<never> {
        throw new Error('keybroker unreachable');
      }
    }
    await expect(new DataKeys(new Unreachable()).generate(version())).rejects.toThrow(
      'keybroker unreachable',
    );
  });
});
