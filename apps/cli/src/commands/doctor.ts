import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { CastellanError } from '@castellan/errors';
import { HttpConnection } from '../client/http-connection.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { profilePath } from '../client/profile.js';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

const CLOCK_TOLERANCE_MS = 30_000;

export function doctorCommand(around: Surroundings): Command {
  return new Command('doctor')
    .description('look for what stands in the way: profile, key file, servers, clock')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const findings = [
        await check('profile', () => privateFile(profilePath(invocation.config.home))),
        await check('key file', () => privateFile(invocation.keyPath)),
        await check('signed in', async () => (await (await invocation.api()).me()).name),
        await check('api', async () => ready((await invocation.api()).connection, '/readyz')),
        await check('clock', async () => clock((await invocation.api()).connection, invocation.now)),
        await check('gateway', async () =>
          ready((await invocation.gateway()).connection, '/v2/health/ready'),
        ),
      ];
      const lines = findings.map(
        ({ check: name, ok, detail }) => `${ok ? 'ok  ' : 'BAD '} ${name}: ${detail}`,
      );
      const ok = findings.every((finding) => finding.ok);
      invocation.terminal.result({ ok, findings }, lines.join('\n'));
      if (!ok)
        throw new CastellanError({
          code: 'unwell',
          kind: 'unavailable',
          publicDetail: 'Something stands in the way.',
        });
    });
}

async function check(name: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { check: name, ok: true, detail: await look() };
  } catch (error) {
    return {
      check: name,
      ok: false,
      detail: error instanceof CastellanError ? error.publicDetail : String(error),
    };
  }
}

async function privateFile(path: string): Promise<string> {
  let mode: number;
  try {
    ({ mode } = await stat(path));
  } catch {
    return `${path} is not there; not needed for every command`;
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new CastellanError({
      code: 'file_exposed',
      kind: 'forbidden',
      publicDetail: `${path} may be read by others; run "chmod 600" on it.`,
    });
  return path;
}

async function ready(connection: HttpConnection, path: string): Promise<string> {
  const response = await connection.send('GET', path);
  await response.body?.cancel();
  return `${connection.options.url} is ready`;
}

/** Signatures carry times: a wrong clock makes approvals that are not yet, or no longer, valid. */
async function clock(connection: HttpConnection, now: () => Date): Promise<string> {
  const response = await connection.send('GET', '/livez');
  await response.body?.cancel();
  const theirs = Date.parse(response.headers.get('date') ?? '');
  const apartMs = Math.abs(theirs - now().getTime());
  if (Number.isNaN(theirs)) return 'the server names no time';
  if (apartMs <= CLOCK_TOLERANCE_MS) return `within ${Math.ceil(apartMs / 1000)} s of the server`;
  throw new CastellanError({
    code: 'clock_apart',
    kind: 'invalid',
    publicDetail: `this machine and the server are ${Math.round(apartMs / 1000)} s apart`,
  });
}
