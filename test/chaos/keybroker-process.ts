import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { KeybrokerSettings, RunningKeybroker } from '../../apps/keybroker/src/start-keybroker.js';

const program = fileURLToPath(new URL('../../dist/keybroker.js', import.meta.url));
const Ready = z.object({ msg: z.literal('ready'), url: z.url() });

/** The keybroker as a process of its own, that can be killed. Each start is at the same address. */
export class KeybrokerProcess implements RunningKeybroker {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start({ keybroker, database }: KeybrokerSettings, port: number): Promise<KeybrokerProcess> {
    const child = spawn(process.execPath, [program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: '/usr/bin:/bin',
        KEYBROKER_PORT: `${port}`,
        KEYBROKER_DIR: keybroker.folder,
        KMS_PASSPHRASE: keybroker.kmsPassphrase,
        OFFICERS_FILE: keybroker.officersFile,
        JOIN_TOKENS: JSON.stringify(keybroker.joinTokens),
        DESTRUCTION_WAIT_MS: '1000',
        RELEASES_PER_MINUTE: `${keybroker.releasesPerMinute}`,
        DATABASE_URL: database.url,
      },
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the keybroker ended before it was ready');
    });
    const ready = new Promise<string>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        const said = Ready.safeParse(JSON.parse(line));
        if (said.success) resolve(said.data.url);
      });
    });
    const url = await Promise.race([ready, ended]);
    ended.catch(() => undefined);
    return new KeybrokerProcess(child, url);
  }

  /** Without a word. Resolves when it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  close(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
