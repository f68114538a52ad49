import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorKind } from '@castellan/errors';
import { z } from 'zod';
import { Backoff } from './backoff.js';
import { preload } from './preload.js';
import { UpError } from './up-error.js';

export interface ProcessPlan {
  readonly name: string;
  /** The compiled main. */
  readonly script: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeOptions: readonly string[];
  /** So that what a library drops where it stands falls into our own folder. */
  readonly workingFolder: string;
  readonly logFile: string;
}

export interface SupervisionEvents {
  /** A process died and will be started again after `waitMs`. */
  died(name: string, how: string, waitMs: number): void;
  restarted(name: string): void;
}

/** So many deaths before it was ever ready mean that it never will be. */
const HOPELESS = 4;
const STOP_TIMEOUT_MS = 10_000;
/** Ways of failing that starting again does not change. */
const FINAL: ReadonlySet<string> = new Set(['invalid', 'unauthenticated', 'forbidden'] satisfies ErrorKind[]);

/** The contract with every main, whichever of the two usual members its log keeps the text in. */
const SaidReady = z.union([z.object({ msg: z.literal('ready') }), z.object({ message: z.literal('ready') })]);

/** The preload's line. */
const LastWords = z.object({
  msg: z.literal('ended'),
  code: z.string(),
  kind: z.string(),
  detail: z.string(),
});
type LastWords = z.infer<typeof LastWords>;

/**
 * One process of ours, kept running: whatever ends it, it is started again, with growing pauses, until `stop`. It says on its
 * standard output, in a JSON line whose `msg` (or `message`) is `ready`, that it works; all it writes goes to its log file.
 */
export class SupervisedProcess {
  #child: ChildProcess | undefined;
  #stopping = false;
  #everReady = false;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #backoff = new Backoff();
  readonly #log: WriteStream;
  readonly #lastLines: string[] = [];
  #lastWords: LastWords | undefined;
  readonly #first = Promise.withResolvers<undefined>();

  constructor(
    readonly plan: ProcessPlan,
    private readonly events: SupervisionEvents,
  ) {
    this.#log = createWriteStream(plan.logFile, { flags: 'a', mode: 0o600 });
    this.#first.promise.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it says that it is ready for the first time. @throws UpError `process_failed` */
  async start(): Promise<void> {
    this.#spawn();
    await this.#first.promise;
  }

  /** Asks it to end, insists after ten seconds, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    this.#first.reject(new UpError('process_failed', 'unavailable', `${this.plan.name} was stopped.`));
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const insist = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      child.kill('SIGTERM');
      await once(child, 'exit');
      clearTimeout(insist);
    }
    await new Promise<void>((resolve) => this.#log.end(() => resolve()));
  }

  #spawn(): void {
    this.#startedAt = performance.now();
    this.#lastWords = undefined;
    const { script, environment, nodeOptions, workingFolder } = this.plan;
    const child = spawn(process.execPath, [...nodeOptions, '--import', preload, script], {
      env: environment,
      cwd: workingFolder,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A terminal's Ctrl-C is for the supervisor, which ends the processes in their order.
      detached: true,
    });
    this.#child = child;
    child.once('error', (error) => this.#ended(error.message));
    child.once('exit', (code, signal) => {
      void drained(child).then(() => this.#ended(signal ?? `exit code ${code}`));
    });
    for (const stream of [child.stdout, child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#heard(line));
  }

  #heard(line: string): void {
    this.#log.write(`${line}\n`);
    this.#lastLines.push(line);
    if (this.#lastLines.length > 12) this.#lastLines.shift();
    const said = parseJson(line);
    this.#lastWords = LastWords.safeParse(said).data ?? this.#lastWords;
    if (!SaidReady.safeParse(said).success) return;
    if (this.#everReady) this.events.restarted(this.plan.name);
    this.#everReady = true;
    this.#first.resolve(undefined);
  }

  #ended(how: string): void {
    if (this.#stopping) return;
    const waitMs = this.#backoff.afterRunOf(performance.now() - this.#startedAt);
    const why = this.#lastWords;
    const hopeless = this.#backoff.failures >= HOPELESS || (why !== undefined && FINAL.has(why.kind));
    if (!this.#everReady && hopeless) {
      this.#first.reject(this.#hopeless(how));
      return;
    }
    this.events.died(this.plan.name, why?.detail ?? how, waitMs);
    this.#timer = setTimeout(() => this.#spawn(), waitMs);
  }

  #hopeless(how: string): UpError {
    const { name, logFile } = this.plan;
    const why = this.#lastWords;
    const detail =
      why === undefined
        ? `${name} does not start (${how}). Its log, ${logFile}, ends with:\n${this.#lastLines.join('\n')}`
        : `${name} does not start: ${why.detail} (${why.code}). Its log is ${logFile}.`;
    return new UpError('process_failed', 'unavailable', detail);
  }
}

/** Last words may come after the exit. What a process of its own holds open isn't waited for. */
async function drained(child: ChildProcess): Promise<void> {
  await Promise.race([once(child, 'close'), sleep(200)]);
}

function parseJson(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
