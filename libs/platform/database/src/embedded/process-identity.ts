import { readFileSync } from 'node:fs';

/** A process that can be told from a later one that was given the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks after boot (Linux); empty where the system doesn't tell. */
  readonly started: string;
}

/** The identity of a running process, or undefined when there is none with that id. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  if (!isAlive(pid)) return undefined;
  try {
    // proc(5): field 22; the second field may hold spaces, so count from its closing parenthesis.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid, started: fields[19] ?? '' };
  } catch {
    return { pid, started: '' };
  }
}

/** This process in one line of text, for whoever finds what it left. */
export function ownIdentity(): string {
  const { pid, started } = processIdentity(process.pid) ?? { pid: process.pid, started: '' };
  return `${pid}:${started}`;
}

/** What `ownIdentity` wrote. */
export function readIdentity(text: string): ProcessIdentity | undefined {
  const [, pid, started] = /^(\d+):(\d*)$/.exec(text) ?? [];
  return pid === undefined || started === undefined ? undefined : { pid: Number(pid), started };
}

/** Whether that very process still runs. */
export function stillRuns({ pid, started }: ProcessIdentity): boolean {
  return processIdentity(pid)?.started === started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error !== null && typeof error === 'object' && 'code' in error && error.code === 'EPERM';
  }
}
