import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CastellanError } from '@castellan/errors';
import type { UpOptions } from '../commands/up.js';
import type { Invocation } from '../invocation.js';
import { startInstallation, type Installation } from '../up/installation.js';
import { describeResult } from './demo-result.js';
import { leaveRunning } from './leave-running.js';
import { Narrator } from './narrator.js';
import { playActs } from './play-acts.js';

/**
 * `castellan up --demo`: a real model's whole life on a new installation, act by act; then it stays up, or ends with
 * `--exit`. With `--json` the last line of standard output is the result, also when there is none but an error.
 */
export async function runDemo(invocation: Invocation, options: UpOptions): Promise<void> {
  const workshop = await mkdtemp(join(tmpdir(), 'castellan-demo-'));
  // PostgreSQL may run as another account and must find its way to the data folder; what is secret has its own mode.
  await chmod(workshop, 0o711);
  try {
    await startAndPlay(invocation, options, workshop);
  } catch (error) {
    await keepLogs(invocation, join(workshop, 'data', 'logs'));
    tellInJson(invocation, error);
    throw error;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** What went wrong is in there; the rest of a failed demo is of no use. */
async function keepLogs({ terminal, signal }: Invocation, logs: string): Promise<void> {
  const kept = join(tmpdir(), `castellan-demo-logs-${process.pid}`);
  const isKept =
    !signal.aborted &&
    (await rename(logs, kept).then(
      () => true,
      () => false,
    ));
  if (isKept) terminal.say(`The processes' logs are kept in ${kept}.`);
}

function tellInJson({ terminal }: Invocation, error: unknown): void {
  const known = error instanceof CastellanError;
  if (!terminal.json || (known && error.code === 'demo_failed')) return;
  const told = known
    ? { code: error.code, detail: error.publicDetail }
    : { code: 'defect', detail: String(error) };
  terminal.result({ ok: false, error: told }, '');
}

async function startAndPlay(invocation: Invocation, options: UpOptions, workshop: string): Promise<void> {
  const { terminal } = invocation;
  const startedAt = invocation.now();
  const narrator = new Narrator(terminal);
  const officer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const installation = await install(invocation, options, workshop, officer);
  try {
    const secondsToReady = Math.round(performance.now() / 100) / 10;
    narrator.tell(`Ready after ${secondsToReady} s: PostgreSQL, keybroker, api, jobs, worker, gateway.`);
    const { stage, result } = await playActs(invocation, {
      installation,
      narrator,
      officer,
      workshop,
      startedAt,
      secondsToReady,
    });
    if (options.exit !== true) {
      terminal.say(terminal.style.bold(`\n${describeResult(result)}`));
      await leaveRunning(stage, terminal);
      if (!invocation.signal.aborted) await once(invocation.signal, 'abort');
    }
    await installation.stop();
    terminal.result(result, describeResult(result));
    if (!result.ok)
      throw new CastellanError({
        code: 'demo_failed',
        kind: 'internal',
        publicDetail: 'Something did not come out as it must; the marks above tell what.',
      });
  } finally {
    await installation.stop();
  }
}

async function install(
  invocation: Invocation,
  options: UpOptions,
  workshop: string,
  officer: KeyObject,
): Promise<Installation> {
  const { terminal } = invocation;
  const officerFile = join(workshop, 'officer.pem');
  await writeFile(officerFile, createPublicKey(officer).export({ type: 'spki', format: 'pem' }));
  return startInstallation(invocation, {
    ...options,
    data: options.data ?? join(workshop, 'data'),
    demo: true,
    officer: [officerFile],
    say: (text) => terminal.say(terminal.style.dim(`   ${text}`)),
  });
}
