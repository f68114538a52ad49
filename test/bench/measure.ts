import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';

const MIB = 1024 * 1024;

/** Seconds that `work` takes by the wall. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** The middle one of an odd number of figures; the upper middle of an even one. */
export function median(figures: readonly number[]): number {
  const middle = [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
  if (middle === undefined) throw new Error('a median of nothing');
  return middle;
}

export function rounded(figure: number): number {
  return Number(figure.toPrecision(4));
}

/** The most resident memory, in MiB above what is resident now, while `work` runs. Sampled every 20 ms. */
export async function peakMiBOf(work: () => Promise<unknown>): Promise<number> {
  const idle = process.memoryUsage.rss();
  let peak = idle;
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  return (peak - idle) / MIB;
}

/** Runs a program to its end and gives its standard output. Fails unless it exits with 0. */
export async function run(program: string, args: readonly string[], into?: string): Promise<string> {
  const file = into === undefined ? undefined : await open(into, 'w');
  try {
    const child = spawn(program, args, { stdio: ['ignore', file?.fd ?? 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => output.push(piece));
    child.stderr?.on('data', (piece: Buffer) => complaints.push(piece));
    const [status] = await once(child, 'close');
    if (status !== 0) throw new Error(`${program} ended with ${status}: ${Buffer.concat(complaints)}`);
    return Buffer.concat(output).toString();
  } finally {
    await file?.close();
  }
}

/** The same, or null and a line on standard error where the program is missing or fails. */
export async function ifPossible<T>(figure: string, take: () => Promise<T>): Promise<T | null> {
  try {
    return await take();
  } catch (error) {
    console.error(`${figure}: not taken, ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
