import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { eventually } from './eventually.js';

const castellan = fileURLToPath(new URL('../../dist/castellan.js', import.meta.url));

const Ready = z.object({ api: z.url(), gateway: z.url(), signInLink: z.url().optional() });
const Failure = z.object({ error: z.object({ code: z.string(), detail: z.string() }) });

/** `database` is PostgreSQL's first process; the others are named as their apps. */
export const supervised = ['api', 'keybroker', 'gateway', 'worker', 'jobs', 'database'] as const;
export type Supervised = (typeof supervised)[number];

/** A folder that root's PostgreSQL, which runs as another account, finds its way through. */
export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'castellan-stack-'));
  await chmod(folder, 0o711);
  return join(folder, 'data');
}

export async function removeDataFolder(data: string): Promise<void> {
  await rm(join(data, '..'), { recursive: true, force: true });
}

/** How one run of the command line ended. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it said went wrong, with `--json`. */
  readonly error?: { readonly code: string; readonly detail: string };
}

/** Runs the built command line to its end. */
export async function runCastellan(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const child = launch(args, environment);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  await once(child, 'close');
  const failure = Failure.safeParse(parseJson(stderr.trim().split('\n').at(-1) ?? ''));
  return { exitCode: child.exitCode, stdout, stderr, ...(failure.success && failure.data) };
}

/** `castellan up` as its user runs it: a process of its own over a folder, spoken to from outside. */
export class RunningCastellan {
  private constructor(
    private readonly supervisor: ChildProcess,
    readonly data: string,
    readonly apiUrl: string,
    readonly gatewayUrl: string,
    /** Of the one-time link that a first start prints. */
    readonly signInSecret: string | undefined,
    /** What the supervisor has said so far, a line each. */
    readonly said: readonly string[],
  ) {}

  /** Resolves when it says that it is ready. Ports are free ones unless `args` name others. */
  static async up(data: string, args: readonly string[] = []): Promise<RunningCastellan> {
    const child = launch(['up', '--json', '--data', data, '--api-port', '0', '--gateway-port', '0', ...args]);
    const said: string[] = [];
    if (child.stdout === null || child.stderr === null) throw new Error('castellan has no output');
    createInterface(child.stderr).on('line', (line) => said.push(line));
    const first = await Promise.race([
      once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
      once(child, 'exit').then(() => undefined),
    ]);
    if (first === undefined) throw new Error(`castellan ended before it was ready:\n${said.join('\n')}`);
    const { api, gateway, signInLink } = Ready.parse(JSON.parse(first));
    return new RunningCastellan(child, data, api, gateway, tokenOf(signInLink), said);
  }

  get supervisorPid(): number {
    return this.supervisor.pid ?? 0;
  }

  /** The process that does this work now; undefined while there is none. */
  async pidOf(name: Supervised): Promise<number | undefined> {
    if (name === 'database') return this.#postmaster();
    for (const child of await childrenOf(this.supervisorPid))
      if (child.command.includes(`/dist/${name}.js`)) return child.pid;
    return undefined;
  }

  /** Of the embedded database, for looks behind the scenes. */
  async databaseUrl(): Promise<string> {
    const password = (await readFile(join(this.data, 'database', 'password'), 'utf8')).trim();
    const lines = await postmasterLines(this.data);
    return `postgresql://castellan:${password}@127.0.0.1:${lines[3] ?? ''}/castellan`;
  }

  /** Kills a process without a word and waits until it is gone. */
  async kill(name: Supervised): Promise<number> {
    const pid = await eventually(`there is a process ${name}`, () => this.pidOf(name));
    process.kill(pid, 'SIGKILL');
    await untilGone(pid);
    return pid;
  }

  /** Kills the supervisor without a word. Gives the processes that it leaves behind. */
  async killSupervisor(): Promise<number[]> {
    const left: number[] = [];
    for (const name of supervised) left.push((await this.pidOf(name)) ?? 0);
    this.supervisor.kill('SIGKILL');
    await untilGone(this.supervisorPid);
    return left;
  }

  /** Ends it in order, as Ctrl-C does. */
  async down(): Promise<number | null> {
    if (this.supervisor.exitCode === null && this.supervisor.signalCode === null) {
      this.supervisor.kill('SIGTERM');
      await once(this.supervisor, 'exit');
    }
    return this.supervisor.exitCode;
  }

  async #postmaster(): Promise<number | undefined> {
    const [pid] = await postmasterLines(this.data);
    return pid !== undefined && isAlive(Number(pid)) ? Number(pid) : undefined;
  }
}

/** A link's secret stands in its fragment, which is sent to no server. */
function tokenOf(link: string | undefined): string | undefined {
  if (link === undefined) return undefined;
  const { hash, searchParams } = new URL(link);
  return new URLSearchParams(hash.slice(1)).get('token') ?? searchParams.get('token') ?? undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function untilGone(pid: number): Promise<void> {
  await eventually(`process ${pid} is gone`, () => !isAlive(pid) || undefined);
}

function launch(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [castellan, ...args], {
    env: { PATH: '/usr/bin:/bin', HOME: tmpdir(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function postmasterLines(data: string): Promise<string[]> {
  const file = join(data, 'database', 'cluster', 'postmaster.pid');
  return (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
}

interface Child {
  readonly pid: number;
  readonly command: string;
}

async function childrenOf(parent: number): Promise<Child[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => childOf(parent, pid)));
  return found.filter((child) => child !== undefined);
}

async function childOf(parent: number, pid: string): Promise<Child | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, in brackets, may hold anything; the parent is the second after it.
    const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(parentPid) !== parent || state === 'Z') return undefined;
    return { pid: Number(pid), command: await readFile(`/proc/${pid}/cmdline`, 'utf8') };
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
