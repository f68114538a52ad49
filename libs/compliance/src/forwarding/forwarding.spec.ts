import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomUUID, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createNet } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuditEvent, payloadsExpired } from '@castellan/audit';
import {
  ForwardingDeliveryList,
  ForwardingTarget,
  ForwardingTargetCreated,
  ForwardingTargetList,
} from '@castellan/contracts';
import { createCsr } from '@castellan/pki';
import { eventually } from '../../../../test/support/eventually.js';
import { ComplianceStand } from '../testing/compliance-stand.js';
import { ForwardEvents } from './forward-events.js';
import { AllowedNetworks, parseTargetAddress } from './target-address.js';
import { TargetStore } from './target-store.js';

const mine = randomUUID();
const event = (n: number, organizationId = mine): AuditEvent => ({
  action: 'version.finalized',
  actor: { kind: 'person', id: 'ada', name: 'Ada “the quote” ]\\' },
  organizationId,
  decision: n % 2 === 0 ? 'allow' : 'deny',
  reason: '多字节',
  details: { n },
});

/** Cuts a stream of octet-counted messages (RFC 5425 §4.3) into messages. */
function octetCounted(stream: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < stream.length;) {
    const space = stream.indexOf(' ', at);
    const end = space + 1 + Number(stream.subarray(at, space).toString());
    messages.push(stream.subarray(space + 1, end).toString());
    at = end;
  }
  return messages;
}

describe('forwarding', () => {
  let stand: ComplianceStand;
  let admin: string;
  let tls: { key: string; cert: string };
  const servers: Server[] = [];
  beforeAll(async () => {
    stand = await ComplianceStand.start(['127.0.0.0/8', '::1/128']);
    admin = await stand.key(mine, 'admin');
    const { csrPem, privateKeyPem } = await createCsr('siem');
    const terms = { role: 'worker', name: 'siem', ttlMs: 3_600_000, now: new Date() } as const;
    tls = { key: privateKeyPem, cert: stand.authority.signCsr(csrPem, terms) };
    await stand.record([event(0)]);
  }, 60_000);
  afterEach(async () => {
    for (const { id } of (await targets()).targets) await stand.call(admin, 'DELETE', `targets/${id}`);
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => stand.close());

  const targets = async () =>
    ForwardingTargetList.parse(await (await stand.call(admin, 'GET', 'targets')).json());
  const shown = async (id: string): Promise<ForwardingTarget> => {
    const target = (await targets()).targets.find((each) => each.id === id);
    if (target === undefined) throw new Error('it is gone');
    return target;
  };
  const enter = async (fields: object): Promise<ForwardingTargetCreated> => {
    const caPem = stand.authority.certificatePem;
    const answer = await stand.call(admin, 'POST', 'targets', {
      name: `t-${randomUUID().slice(0, 8)}`,
      caPem,
      ...fields,
    });
    const body: unknown = await answer.json();
    expect({ status: answer.status, body }).toMatchObject({ status: 201 });
    return ForwardingTargetCreated.parse(body);
  };
  async function listen<S extends Server>(server: S, port = 0): Promise<number> {
    servers.push(server.listen(port, '127.0.0.1'));
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  /** A syslog server over TLS that keeps what it got. */
  async function syslogServer(got: string[], port = 0): Promise<number> {
    const server = createTls(tls, (socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('error', () => undefined);
      socket.on('end', () => {
        got.push(...octetCounted(Buffer.concat(chunks)));
        socket.end();
      });
    });
    return listen(server, port);
  }
  const numbersIn = (messages: readonly string[]): number[] =>
    messages.map((message) => Number(/\\"n\\":(\d+)/.exec(message)?.[1]));

  it('sends RFC 5424 messages over TLS, octet-counted, of this organization only', async () => {
    const got: string[] = [];
    const port = await syslogServer(got);
    await enter({ kind: 'syslog', address: `syslog+tls://localhost:${port}` });
    await stand.record([event(1), event(2, randomUUID()), event(3)]);
    await eventually('two messages arrive', async () => (got.length >= 3 ? true : undefined));
    const events = got.filter((message) => message.includes('version.finalized'));
    expect(numbersIn(events).sort()).toEqual([1, 3]);
    for (const message of events)
      expect(message).toMatch(
        /^<10[68]>1 \d{4}-\d\d-\d\dT[\d:.]+Z castellan\.local\/audit\/spec castellan - version\.finalized \[castellan@32473 leafIndex="\d+" leafHash="[0-9a-f]{64}" treeSize="\d+" eventId="[^"]+"\] \ufeff\{/,
      );
  });

  it('tells a target what expired and who was erased, so that copies can go too', async () => {
    const got: string[] = [];
    const port = await syslogServer(got);
    await enter({ kind: 'syslog', address: `syslog+tls://localhost:${port}` });
    const actor = { kind: 'process', name: 'jobs' } as const;
    const person = randomUUID();
    const expiry = { actor, organizationId: mine, runId: randomUUID() };
    const erased = {
      actor,
      organizationId: mine,
      resource: { kind: 'person', id: person },
      decision: 'allow',
    } as const;
    await stand.record([
      payloadsExpired([{ begin: 3, end: 6 }], 'permit', expiry),
      { ...erased, action: 'keys.destroyed' },
      { ...erased, action: 'person.erased' },
    ]);
    await eventually('three messages arrive', async () => (got.length >= 3 ? true : undefined));
    const [expired = '', ...others] = got.filter((message) => !message.includes('audit.target-'));
    expect(expired).toMatch(/ audit\.payloads-expired .*\\"leaves\\":\\"3-5\\"/);
    expect(others.map((message) => message.includes(person))).toEqual([true, true]);
  });

  it('loses nothing while a target is down, and says meanwhile what is wrong', async () => {
    const got: string[] = [];
    const closed = await syslogServer([]);
    servers.pop()?.close();
    const { id } = await enter({ kind: 'syslog', address: `syslog+tls://localhost:${closed}` });
    await stand.record(Array.from({ length: 30 }, (_, n) => event(100 + n)));
    const failing = await eventually('a failure is told', async () => {
      const target = await shown(id);
      return target.failures > 0 ? target : undefined;
    });
    expect(failing.lastError).toContain('ECONNREFUSED');
    await syslogServer(got, closed);
    await stand.call(admin, 'POST', `targets/${id}/resume`);
    await eventually('all arrive', async () =>
      numbersIn(got).filter((n) => n >= 100).length >= 30 ? true : undefined,
    );
    expect(
      numbersIn(got)
        .filter((n) => n >= 100)
        .sort(),
    ).toEqual(Array.from({ length: 30 }, (_, n) => 100 + n));
    await eventually('the failure is over', async () =>
      (await shown(id)).failures === 0 ? true : undefined,
    );
  });

  it('posts signed lines to a webhook, again after a refusal, and keeps a log of it', async () => {
    const got: { body: string; signature: string; delivery: string }[] = [];
    let refuse = true;
    const server = createHttps(tls, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const header = (name: string) => String(request.headers[name]);
        got.push({
          body: Buffer.concat(chunks).toString(),
          signature: header('castellan-signature'),
          delivery: header('castellan-delivery'),
        });
        response.writeHead(refuse ? 503 : 204).end();
        refuse = false;
      });
    });
    const port = await listen(server);
    const { id, secret = '' } = await enter({
      kind: 'webhook',
      address: `https://localhost:${port}/in?x=1`,
      format: 'ocsf',
    });
    await stand.record([event(200)]);
    await eventually('it is delivered', async () => (got.length >= 2 ? true : undefined));
    const [first, again] = got;
    expect(again?.delivery).toContain(id);
    expect(again?.delivery.split('-').at(-2)).toBe(first?.delivery.split('-').at(-2));
    for (const { body, signature } of got) {
      const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      const key = Buffer.from(secret, 'base64url');
      expect(mac).toBe(createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex'));
    }
    const lines = (again?.body ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.some(({ metadata }) => metadata.event_code === 'version.finalized')).toBe(true);
    const answers = await eventually('both deliveries are told', async () => {
      const list = await (await stand.call(admin, 'GET', `targets/${id}/deliveries`)).json();
      const { deliveries } = ForwardingDeliveryList.parse(list);
      return deliveries.length >= 2 ? deliveries.map(({ ok, detail }) => [ok, detail]) : undefined;
    });
    expect(answers).toEqual(
      expect.arrayContaining([
        [true, 'HTTP 204'],
        [false, 'It answered HTTP 503.'],
      ]),
    );
    expect(
      JSON.stringify(await stand.test.database.client.forwardingTarget.findMany(), (_, v: unknown) =>
        typeof v === 'bigint' ? String(v) : v,
      ),
    ).not.toContain(secret);
  });

  it('gives up on a target that hangs, and holds up neither the others nor the log', async () => {
    const hanging = createNet((socket) => socket.on('error', () => undefined));
    const port = await listen(hanging);
    const { id } = await enter({ kind: 'syslog', address: `syslog+tls://localhost:${port}` });
    await stand.call(admin, 'POST', `targets/${id}/pause`);
    await stand.record([event(300)]);
    const store = new TargetStore(stand.test.database);
    const networks = new AllowedNetworks(['127.0.0.0/8', '::1/128']);
    const { SyslogSink } = await import('./syslog-sink.js');
    const forward = new ForwardEvents(
      store,
      stand.reader,
      async (target) => new SyslogSink(target, networks),
      { patienceMs: 300 },
    );
    await stand.test.database.client.forwardingTarget.update({
      where: { id },
      data: { state: 'running', nextAttemptAt: new Date(0) },
    });
    await eventually('it was tried', async () => {
      await forward.execute(id);
      return (await shown(id)).failures > 0 ? true : undefined;
    });
    const before = BigInt((await shown(id)).cursor);
    await stand.record([event(301)]);
    expect(BigInt((await shown(id)).cursor)).toBe(before);
    expect(Number((await shown(id)).behind)).toBeGreaterThan(0);
  });

  it('trusts only the authority it was given', async () => {
    const got: string[] = [];
    const port = await syslogServer(got);
    const other = await ComplianceStand.start();
    try {
      const caPem = other.authority.certificatePem;
      expect(new X509Certificate(caPem).ca).toBe(true);
      const { id } = await enter({ kind: 'syslog', address: `syslog+tls://localhost:${port}`, caPem });
      await stand.record([event(400)]);
      await eventually('it is refused', async () => ((await shown(id)).failures > 0 ? true : undefined));
      expect(got).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('is for administrators to change, and nobody sees another organization’s targets', async () => {
    const { id } = await enter({ kind: 'syslog', address: 'syslog+tls://siem.example' });
    const auditor = await stand.key(mine, 'auditor');
    expect((await stand.call(auditor, 'DELETE', `targets/${id}`)).status).toBe(403);
    expect((await stand.call(auditor, 'GET', `targets/${id}/deliveries`)).status).toBe(200);
    const stranger = await stand.key(randomUUID(), 'admin');
    expect((await stand.call(stranger, 'POST', `targets/${id}/pause`)).status).toBe(404);
  });

  it('reaches an unchanged rsyslogd', async () => {
    if (spawnSync('rsyslogd', ['-v']).status !== 0 || !(await hasGtls())) {
      console.warn(
        'skipped: no rsyslogd with its gtls driver is installed here (apt install rsyslog rsyslog-gnutls)',
      );
      return;
    }
    const folder = await mkdtemp(join(tmpdir(), 'castellan-rsyslog-'));
    const probe = createNet();
    const port = await listen(probe);
    servers.pop()?.close();
    const file = (name: string) => join(folder, name);
    await writeFile(file('ca.pem'), stand.authority.certificatePem);
    await writeFile(file('cert.pem'), tls.cert);
    await writeFile(file('key.pem'), tls.key);
    await writeFile(
      file('rsyslog.conf'),
      `global(workDirectory="${folder}" maxMessageSize="64k" DefaultNetstreamDriver="gtls" DefaultNetstreamDriverCAFile="${file('ca.pem')}"
 DefaultNetstreamDriverCertFile="${file('cert.pem')}" DefaultNetstreamDriverKeyFile="${file('key.pem')}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
template(name="t" type="string" string="%syslogtag% %structured-data% %msg%\\n")
input(type="imtcp" port="${port}" address="127.0.0.1")
*.* action(type="omfile" file="${file('out.log')}" template="t")
`,
    );
    const daemon = spawn('rsyslogd', ['-n', '-f', file('rsyslog.conf'), '-i', file('pid')], {
      stdio: 'ignore',
    });
    try {
      await enter({ kind: 'syslog', address: `syslog+tls://localhost:${port}` });
      await stand.record([event(500)]);
      const written = await eventually('rsyslogd writes it', async () => {
        const text = await readFile(file('out.log'), 'utf8');
        return text.includes('n\\":500') ? text : undefined;
      });
      expect(written).toMatch(/\[castellan@32473 leafIndex="\d+" leafHash="[0-9a-f]{64}"/);
      expect(written).toContain('多字节');
    } finally {
      daemon.kill();
      await once(daemon, 'exit');
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function hasGtls(): Promise<boolean> {
  const places = [
    '/usr/lib/x86_64-linux-gnu/rsyslog',
    '/usr/lib64/rsyslog',
    '/usr/lib/aarch64-linux-gnu/rsyslog',
  ];
  const found = await Promise.all(
    places.map((place) =>
      readFile(join(place, 'lmnsd_gtls.so')).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

describe('an address that events may be sent to', () => {
  const networks = new AllowedNetworks(['10.20.0.0/16', 'fd00:1::/32']);

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '172.31.255.255',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd12::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'nonsense',
  ])('is not %s', (address) => {
    expect(networks.allows(address)).toBe(false);
  });

  it.each(['93.184.216.34', '10.20.3.4', '::ffff:10.20.3.4', 'fd00:1::5', '2606:2800::1'])(
    'may be %s',
    (address) => {
      expect(networks.allows(address)).toBe(true);
    },
  );

  it('is judged by what the name resolves to when it is connected to', async () => {
    const refused = await new Promise((resolve) =>
      networks.lookup('localhost', {}, (error) => resolve(error)),
    );
    expect(refused).toMatchObject({ code: 'target_address_forbidden' });
  });

  it('is judged when it is written as a number, too', () => {
    for (const literal of ['https://127.0.0.1/', 'https://[::1]/', 'https://2130706433/', 'https://0x7f.1/'])
      expect(() => networks.requireLiteral(parseTargetAddress('webhook', literal))).toThrow(
        expect.objectContaining({ code: 'target_address_forbidden' }),
      );
  });

  it.each([
    ['webhook', 'http://siem.example/'],
    ['webhook', 'file:///etc/passwd'],
    ['webhook', 'https://user:secret@siem.example/'],
    ['webhook', 'https://siem.example/#x'],
    ['webhook', 'nonsense'],
    ['syslog', 'syslog://siem.example'],
    ['syslog', 'syslog+tls://siem.example/path'],
  ] as const)('of a %s is not %s', (kind, address) => {
    expect(() => parseTargetAddress(kind, address)).toThrow(
      expect.objectContaining({ code: 'target_address_invalid' }),
    );
  });
});
