import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { preload } from './preload.js';
import { SupervisedProcess, type ProcessPlan } from './supervised-process.js';

let folder: string;
let running: SupervisedProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'castellan-supervise-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await rm(folder, { recursive: true });
});

async function planOf(source: string, environment: Record<string, string> = {}): Promise<ProcessPlan> {
  const script = join(folder, 'app.mjs');
  await writeFile(script, source);
  return {
    name: 'app',
    script,
    environment,
    nodeOptions: [],
    workingFolder: folder,
    logFile: join(folder, 'app.log'),
  };
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await sleep(10);
}

const steady = `console.log(JSON.stringify({ msg: 'ready' })); setInterval(() => {}, 1000);`;
const noEvents = { died: () => undefined, restarted: () => undefined };

describe('a supervised process', () => {
  it('is ready when it says so, and gets its own environment and nothing else', async () => {
    const plan = await planOf(`console.log(JSON.stringify(process.env)); ${steady}`, { ONLY: 'this' });
    running = new SupervisedProcess(plan, noEvents);
    await running.start();
    await running.stop();
    const [environment] = (await readFile(plan.logFile, 'utf8')).split('\n');
    expect(JSON.parse(environment ?? '')).toEqual({ ONLY: 'this' });
  });

  it('comes back after kill -9', async () => {
    const told: string[] = [];
    const events = {
      died: (name: string, how: string) => told.push(`${name} ${how}`),
      restarted: (name: string) => told.push(`${name} back`),
    };
    running = new SupervisedProcess(await planOf(steady), events);
    await running.start();
    const first = running.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await until(() => told.length === 2);
    expect(told).toEqual(['app SIGKILL', 'app back']);
    expect(running.pid).not.toBe(first);
  });

  it('is given up when it never becomes ready, with the end of its log', async () => {
    running = new SupervisedProcess(
      await planOf(`console.error('no such door'); process.exit(3);`),
      noEvents,
    );
    await expect(running.start()).rejects.toMatchObject({
      code: 'process_failed',
      publicDetail: expect.stringContaining('no such door'),
    });
  });

  it('is given up at once when its last words say that nothing will change', async () => {
    const told: string[] = [];
    const plan = await planOf(
      `throw Object.assign(new Error('stack'), { code: 'door_locked', kind: 'unauthenticated', publicDetail: 'That is not the key.' });`,
    );
    running = new SupervisedProcess(plan, { ...noEvents, died: (name) => told.push(name) });
    await expect(running.start()).rejects.toMatchObject({
      code: 'process_failed',
      publicDetail: expect.stringMatching(/^app does not start: That is not the key\. \(door_locked\)/),
    });
    expect(told).toEqual([]);
  });

  it('ends in order when it is stopped', async () => {
    const plan = await planOf(
      `process.once('SIGTERM', () => { console.log('closing'); process.exit(0); }); ${steady}`,
    );
    running = new SupervisedProcess(plan, noEvents);
    await running.start();
    const pid = running.pid ?? 0;
    await running.stop();
    expect(isAlive(pid)).toBe(false);
    expect(await readFile(plan.logFile, 'utf8')).toContain('closing');
  });

  it('ends when its supervisor is killed', async () => {
    const plan = await planOf(steady);
    const supervisor = join(folder, 'supervisor.mjs');
    // The preload as the supervisor passes it, under a parent that can be killed without ending this test.
    await writeFile(
      supervisor,
      `import { spawn } from 'node:child_process';
       const child = spawn(process.execPath, ['--import', ${JSON.stringify(preload)}, ${JSON.stringify(plan.script)}],
         { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true });
       child.stdout.once('data', () => console.log(child.pid));`,
    );
    const parent = spawn(process.execPath, [supervisor], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
