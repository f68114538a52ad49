import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digitImages, fixturePath } from '../support/fixtures.js';
import { readmeCommands } from '../support/readme-commands.js';
import { dataFolder, removeDataFolder, RunningCastellan } from '../support/running-castellan.js';

const castellan = fileURLToPath(new URL('../../dist/castellan.js', import.meta.url));
const hasTools = ['curl', 'openssl'].every((tool) => spawnSync(tool, ['version']).error === undefined);
if (!hasTools) console.log('not run: the commands of the README use curl and openssl');

/** The lines that the README gives to Rita, who has a machine of her own. */
const RITAS = /^CASTELLAN_TOKEN=cst_|keys generate|approve/;

/** Somebody with a shell, who types what the README says and fills its gaps. */
class Reader {
  /** The API key that was shown last. */
  #key = '';

  private constructor(
    private readonly home: string,
    private readonly running: RunningCastellan,
    private readonly image: readonly number[],
  ) {}

  static async sitDown(running: RunningCastellan): Promise<Reader> {
    const home = await mkdtemp(join(tmpdir(), 'castellan-reader-'));
    const bin = join(home, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${castellan}" "$@"\n`);
    await chmod(join(bin, 'npx'), 0o755);
    const [, image = []] = await digitImages();
    return new Reader(home, running, image);
  }

  leave(): Promise<void> {
    return rm(this.home, { recursive: true });
  }

  /** Runs one line; an API key that a command prints is kept for the gap that a later line has for it. */
  type(line: string): string {
    const { data, apiUrl, gatewayUrl, signInSecret = '' } = this.running;
    const filled = line
      .replace('http://localhost:8080/sign-in#token=…', `${apiUrl}/sign-in#token=${signInSecret}`)
      .replace('CASTELLAN_TOKEN=cst_…', `CASTELLAN_TOKEN=${this.#key}`)
      .replace('~/.castellan/data', data)
      .replaceAll('http://localhost:8080', apiUrl)
      .replaceAll('http://localhost:8000', gatewayUrl)
      .replace(/\[0,0,5,13.*…\]/, JSON.stringify(this.image))
      .replace('-o rita.json', `-o ${this.home}/rita.json`)
      .replace('certify rita.json', `certify ${this.home}/rita.json`)
      .replaceAll('digits-1', `${this.home}/digits-1`)
      .replace('tar xf', `tar -C ${this.home} -xf`)
      .replace(/(policy sign|keys certify|approve) /g, '$1 --yes ');
    const run = spawnSync('sh', ['-e', '-c', line.includes('KEY=$(') ? `${filled} && echo "$KEY"` : filled], {
      cwd: fixturePath('.'),
      encoding: 'utf8',
      env: {
        PATH: `${this.home}/bin:/usr/bin:/bin`,
        HOME: join(this.home, RITAS.test(line) ? 'rita' : 'admin'),
        KEY: this.#key,
        CASTELLAN_KEY_PASSPHRASE: 'the reader’s own',
        CASTELLAN_GATEWAY_URL: gatewayUrl,
      },
    });
    if (run.status !== 0) throw new Error(`${line}\nended with ${run.status}: ${run.stdout}${run.stderr}`);
    this.#key = /cst_\w+/.exec(run.stdout)?.[0] ?? this.#key;
    return run.stdout;
  }
}

(hasTools ? describe : describe.skip)('somebody who has only the README', () => {
  let running: RunningCastellan;
  let reader: Reader;
  beforeAll(async () => {
    running = await RunningCastellan.up(await dataFolder());
    reader = await Reader.sitDown(running);
  });
  afterAll(async () => {
    expect(await running.down()).toBe(0);
    await removeDataFolder(running.data);
    await reader.leave();
  });

  it('gets from a file to an endpoint, a private answer and a proof by its commands alone', async () => {
    const [up, ...commands] = await readmeCommands('From a file to an endpoint');
    expect(up).toBe('npx castellan up');
    const answers = new Map(commands.map((command) => [command, reader.type(command)] as const));
    const said = (start: string) => [...answers].find(([command]) => command.includes(start))?.[1] ?? '';
    expect(JSON.parse(said('curl'))).toMatchObject({
      model: 'digits',
      version: 1,
      output: expect.any(Array),
    });
    expect(said('privacy query')).toMatch(/north_central/);
    expect(said('tar xf')).toMatch(/All of it holds\.\n$/);
    expect(commands.length).toBeGreaterThan(15);
  });
});
