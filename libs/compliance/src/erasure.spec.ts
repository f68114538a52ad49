import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CarryOutErasures, eraseAccessRows } from '@castellan/access';
import { AuditLog, openedEvent, verifyStoredLog } from '@castellan/audit';
import { AuditExport, CredentialCreated, ErasureRemains, Person } from '@castellan/contracts';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { erasePrivacyRows } from '@castellan/privacy';
import { eraseRegistryRows } from '@castellan/registry';
import { eraseVaultRows } from '@castellan/vault';
import { eventually } from '../../../test/support/eventually.js';
import { eraseComplianceRows } from './erase-compliance-rows.js';
import { ComplianceStand } from './testing/compliance-stand.js';

const NAME = 'zdenka-planted';
const organizationId = randomUUID();

describe('when a person is erased', () => {
  let stand: ComplianceStand;
  let admin: string;
  let auditor: string;
  let zdenka: Person;
  const db = () => stand.test.database.client;
  const people = async (key: string, method: string, path: string, json?: unknown) =>
    (await stand.call(key, method, `../people${path}`, json)).json();
  const exported = async (key: string, format = 'jsonl') => {
    const asked = await (await stand.call(key, 'POST', 'exports', { format, filter: {} })).json();
    const { id } = AuditExport.parse(asked);
    await eventually(`export ${id} ends`, async () => {
      const shown = AuditExport.parse(await (await stand.call(key, 'GET', `exports/${id}`)).json());
      return ['queued', 'running'].includes(shown.state) ? undefined : shown;
    });
    return { id, text: await (await stand.call(key, 'GET', `exports/${id}/content`)).text() };
  };
  /** Tables, outside the log's own leaves too, in which a text stands, as text or as bytes. */
  const tablesWith = async (text: string) => {
    const tables = await db().$queryRaw<{ name: string }[]>`
      SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`;
    const hex = Buffer.from(text).toString('hex');
    const found = tables.map(async ({ name }) => {
      const [row] = await db().$queryRawUnsafe<{ count: bigint }[]>(
        `SELECT count(*) FROM ${name} t WHERE t::text ILIKE $1 OR t::text ILIKE $2`,
        `%${text}%`,
        `%${hex}%`,
      );
      return row?.count === 0n ? [] : [name];
    });
    return (await Promise.all(found)).flat().toSorted();
  };
  const erase = () => {
    const broker = new KeybrokerClient(async () => ({
      destructions: [],
      destroyed: [`person/${zdenka.id}`],
    }));
    const erasures = [
      eraseRegistryRows,
      erasePrivacyRows,
      eraseVaultRows,
      eraseComplianceRows,
      eraseAccessRows,
    ];
    const { database } = stand.test;
    return new CarryOutErasures(database, broker, new AuditLog(database), erasures).execute();
  };

  beforeAll(async () => {
    stand = await ComplianceStand.start();
    await stand.stopWatching();
    [admin, auditor] = [await stand.key(organizationId, 'admin'), await stand.key(organizationId, 'auditor')];
    const roles = [{ role: 'auditor' }, { role: 'admin' }];
    zdenka = Person.parse(await people(admin, 'POST', '', { name: NAME, displayName: `${NAME} N`, roles }));
    const key = { kind: 'api_key', label: `${NAME}'s laptop` };
    const { secret } = CredentialCreated.parse(await people(admin, 'POST', `/${zdenka.id}/credentials`, key));
    await stand.call(secret, 'PUT', 'retention', { scope: 'organization', days: { access: 4_000 } });
    await stand.call(secret, 'POST', 'holds', { reason: 'a case', actor: zdenka.id });
    await stand.record([]);
    expect((await exported(secret)).text).toContain(NAME);
    await people(admin, 'POST', `/${zdenka.id}/disable`, {});
    await stand.record([]);
  });
  afterAll(() => stand.close());

  it('readers see the name until then, and only rows that are erased with the person hold it in clear', async () => {
    const { text } = await exported(auditor);
    expect(text).toContain(`"name":"${NAME}"`);
    const tables = await tablesWith(NAME);
    expect(tables).toEqual(
      ['AuditExport', 'Credential', 'LegalHold', 'Person', 'RetentionPolicy'].map(
        (name) => `public."${name}"`,
      ),
    );
    const remains = ErasureRemains.parse(await people(admin, 'GET', `/${zdenka.id}/erasure`));
    expect(remains).toEqual({ leaves: '0', documents: 0, manifests: 0 });
  });

  it('somebody who may not read the log is told no name and nothing of what would remain', async () => {
    const consumer = await stand.key(organizationId, 'consumer');
    expect((await stand.call(consumer, 'POST', 'exports', { format: 'jsonl', filter: {} })).status).toBe(403);
    expect((await stand.call(consumer, 'GET', `../people/${zdenka.id}/erasure`)).status).toBe(403);
    const stranger = await stand.key(randomUUID(), 'admin');
    expect((await stand.call(stranger, 'GET', `../people/${zdenka.id}/erasure`)).status).toBe(404);
    expect((await exported(stranger)).text).not.toContain(NAME);
  });

  it('nothing in the database and no export gives the name, and the log verifies as before', async () => {
    const before = (await stand.reader.checkpoint()) ?? '';
    const earlier = await exported(auditor, 'csv');
    const row = await db().personKey.findUniqueOrThrow({ where: { personId: zdenka.id } });
    stand.people.erased.add(zdenka.id);
    await erase();
    await stand.record([]);
    expect(await tablesWith(NAME)).toEqual([]);
    for (const format of ['jsonl', 'csv', 'ocsf', 'cef']) {
      const { text } = await exported(auditor, format);
      expect(text).not.toContain(NAME);
      expect(text).toContain(zdenka.id);
    }
    await expect(
      stand.call(auditor, 'GET', `exports/${earlier.id}/content`).then((answer) => answer.text()),
    ).rejects.toThrow();
    const { personId, publicKey, sealedPrivate } = row;
    await db().personKey.update({
      where: { personId },
      data: { publicKey, sealedPrivate, erasedAt: null },
    });
    expect((await exported(auditor)).text).not.toContain(NAME);
    expect(await verifyStoredLog(stand.test.database, stand.identity, [before])).toMatchObject({ ok: true });
  });

  it('is told in the log, once, with where the name stays; a restored name goes again', async () => {
    const told = async () => {
      await stand.record([]);
      const { records } = await stand.reader.search({ organizationId, action: 'person.erased', limit: 10 });
      return records.map((record) => openedEvent(record)?.details);
    };
    await erase();
    expect(await told()).toEqual([{ leaves: '0', documents: 0, manifests: 0 }]);
    await db().person.update({
      where: { id: zdenka.id },
      data: { name: NAME, displayName: NAME, disabledAt: null },
    });
    await erase();
    expect(await tablesWith(NAME)).toEqual([]);
    expect(await told()).toHaveLength(2);
    const { disabledAt } = await db().person.findUniqueOrThrow({ where: { id: zdenka.id } });
    expect(disabledAt).not.toBeNull();
  });
});
