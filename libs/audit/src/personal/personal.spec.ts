import type { KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportPrivateKey, generateKeyPair, importPrivateKey } from '@castellan/hpke';
import type { AuditEvent } from '../audit-event.js';
import { sequenceAll, SpecLog } from '../testing/spec-log.js';
import { verifyStoredLog } from '../verify-stored-log.js';
import { openedEvent } from './opened-event.js';
import { OpenedLog } from './opened-log.js';
import { PersonKeyAuthority, type StoredPersonKey } from './person-key-authority.js';
import { PersonKeys } from './person-keys.js';
import { PersonalAttributes } from './personal-attributes.js';

const NAME = 'zdenka-planted-name';
const ADDRESS = '203.0.113.77';

/** The keybroker in this process: it remembers whom it erased. */
class SpecAuthority extends PersonKeyAuthority {
  readonly erased = new Set<string>();
  asked = 0;

  override async make(personId: string): Promise<StoredPersonKey> {
    const { publicKey, privateKey } = generateKeyPair();
    const sealedPrivate = new Uint8Array(exportPrivateKey(privateKey));
    return { personId, publicKey: new Uint8Array(publicKey), sealedPrivate };
  }

  override async open(keys: readonly StoredPersonKey[]): Promise<ReadonlyMap<string, KeyObject>> {
    this.asked += keys.length;
    const left = keys.filter(({ personId }) => !this.erased.has(personId));
    return new Map(left.map(({ personId, sealedPrivate }) => [personId, importPrivateKey(sealedPrivate)]));
  }
}

describe('what is personal in an event', () => {
  const authority = new SpecAuthority();
  const keys = new PersonKeys(authority);
  let spec: SpecLog;
  let zdenka: { id: string; sealTo: Uint8Array };
  let yan: { id: string; sealTo: Uint8Array };
  const opened = () => new OpenedLog(spec.reader, new PersonalAttributes(spec.database, authority));
  const find = async (eventId: string, log: Pick<OpenedLog, 'search'> = opened()) => {
    const { records } = await log.search({ limit: 500 });
    const record = records.find((each) => each.eventId === eventId);
    if (record === undefined) throw new Error('not in the log');
    return record;
  };
  const recorded = async (event: AuditEvent) => {
    const id = await spec.log.appendDurably(event);
    await sequenceAll(spec.sequencer());
    return id;
  };
  const person = async (name: string) => {
    const { client } = spec.database;
    const organization = await client.organization.upsert({
      where: { name: 'acme' },
      create: { name: 'acme' },
      update: {},
    });
    const { id } = await client.person.create({
      data: { organizationId: organization.id, name, displayName: name },
    });
    return { id, sealTo: await keys.of(client, id) };
  };
  const event = (): AuditEvent => ({
    action: 'person.disabled',
    actor: { kind: 'person', ...zdenka, name: NAME, credentialId: 'key-1' },
    subject: { ...yan, personal: { name: 'yan' } },
    source: ADDRESS,
    decision: 'allow',
  });
  beforeAll(async () => {
    spec = await SpecLog.open();
    zdenka = await person(NAME);
    yan = await person('yan');
  });
  afterAll(() => spec.close());

  it('is in the leaf, and so on disk and in every copy, as ciphertext of no telling length', async () => {
    const { event: text } = await find(await recorded(event()), spec.reader);
    expect(text).not.toContain(NAME);
    expect(text).not.toContain(ADDRESS);
    expect(text).not.toContain('yan');
    const { actor, subject, source } = JSON.parse(text);
    expect(Object.keys(actor).toSorted()).toEqual(['credentialId', 'id', 'kind', 'sealed']);
    expect([subject.id, Object.keys(subject), source]).toEqual([yan.id, ['id', 'sealed'], undefined]);
    const lengths = new Set<number>();
    for (const name of ['a', 'bb', 'ccc']) {
      const id = await recorded({ ...event(), subject: { ...yan, personal: { name } } });
      lengths.add(JSON.parse((await find(id, spec.reader)).event).subject.sealed.length);
    }
    expect(lengths.size).toBe(1);
  });

  it('is read by whoever may open it, each key asked for once', async () => {
    const log = opened();
    const id = await recorded(event());
    authority.asked = 0;
    const record = await find(id, log);
    expect(record).toMatchObject({
      actor: NAME,
      personal: { name: NAME, source: ADDRESS, subject: { name: 'yan' } },
    });
    expect(openedEvent(record)).toMatchObject({ actor: { name: NAME }, source: ADDRESS });
    await find(id, log);
    expect(authority.asked).toBe(2);
    expect((await find(id, spec.reader)).actor).toBe(zdenka.id);
    expect((await log.inclusionProof(id)).personal).toMatchObject({ name: NAME });
  });

  it('opens in no other event and for nobody else', async () => {
    const first = JSON.parse((await find(await recorded(event()), spec.reader)).event);
    const forge = async (actor: object) => {
      const id = await spec.log.appendDurably({
        action: 'spec.forged',
        actor: { kind: 'anonymous' },
        decision: 'allow',
      });
      const forged = JSON.stringify({ ...first, id, actor });
      await spec.database.client.auditOutbox.update({ where: { id }, data: { event: forged } });
      await sequenceAll(spec.sequencer());
      return find(id);
    };
    expect((await forge(first.actor)).personal).toMatchObject({ closed: [zdenka.id, yan.id] });
    expect((await forge({ ...first.actor, id: yan.id })).personal?.name).toBeUndefined();
    expect((await forge({ ...first.actor, sealed: 'AAAA' })).personal?.name).toBeUndefined();
  });

  it('is left out where it tells of somebody who has no key', async () => {
    const id = await recorded({ ...event(), subject: { id: yan.id, personal: { name: 'yan' } } });
    expect(JSON.parse((await find(id, spec.reader)).event).subject).toEqual({ id: yan.id });
  });

  it('is gone once the person is erased, restored rows and all; every proof stays what it was', async () => {
    const id = await recorded(event());
    const log = opened();
    const before = await log.inclusionProof(id);
    const { client } = spec.database;
    const where = { personId: zdenka.id };
    const row = await client.personKey.findUniqueOrThrow({ where });
    await client.personKey.update({
      where,
      data: { sealedPrivate: new Uint8Array(0), erasedAt: new Date() },
    });
    const closed = { actor: zdenka.id, personal: { subject: { name: 'yan' }, closed: [zdenka.id] } };
    expect(await find(id, log)).toMatchObject(closed);
    authority.erased.add(zdenka.id);
    await client.personKey.update({ where, data: { ...row, erasedAt: null } });
    expect(await find(id, opened())).toMatchObject(closed);
    expect(await find(id, log)).toMatchObject(closed);
    const after = await log.inclusionProof(id);
    expect([after.leaf, after.index]).toEqual([before.leaf, before.index]);
    expect(await verifyStoredLog(spec.database, spec.identity, [before.checkpoint])).toMatchObject({
      ok: true,
    });
  });

  it('goes by one key a person, whoever asks first', async () => {
    const made = await Promise.all([
      keys.of(spec.database.client, yan.id),
      keys.of(spec.database.client, yan.id),
    ]);
    expect(made).toEqual([yan.sealTo, yan.sealTo]);
  });
});
