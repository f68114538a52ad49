import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Ends a process that would outlive us. PostgreSQL knows of no parent: when this one is killed, a shell that waits for
 * nothing but that asks it to end in order (SIGINT: fast shutdown). Where there is no shell the next start does it.
 */
export class OrphanGuard {
  readonly #shell: ChildProcess;

  constructor(pid: number) {
    this.#shell = spawn(
      'sh',
      ['-c', 'read -r line; [ "$line" = dismissed ] || kill -INT "$0"', String(pid)],
      {
        env: {},
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
      },
    );
    this.#shell.once('error', () => undefined);
    this.#shell.stdin?.once('error', () => undefined);
    this.#shell.unref();
  }

  /** Before the process is ended by its owner: its number may then be given to another. */
  dismiss(): void {
    this.#shell.stdin?.end('dismissed\n');
  }
}
