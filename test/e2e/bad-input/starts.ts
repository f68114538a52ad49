import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { dataFolder, removeDataFolder, runCastellan } from '../../support/running-castellan.js';
import type { Scene } from './scene.js';

export function startsThatCanNotBe(onStage: () => Scene): void {
  const up = (data: string, ...args: string[]) =>
    runCastellan(['up', '--json', '--data', data, '--api-port', '0', '--gateway-port', '0', ...args]);

  async function withFolder(run: (data: string) => Promise<void>): Promise<void> {
    const data = await dataFolder();
    try {
      await run(data);
    } finally {
      await removeDataFolder(data);
    }
  }

  describe('a start that can not be', () => {
    it('is the second over one folder: it names the first, which goes on', async () => {
      const { castellan, cast } = onStage();
      expect(await up(castellan.data)).toMatchObject({
        exitCode: 1,
        stdout: '',
        error: {
          code: 'data_folder_in_use',
          detail: expect.stringMatching(
            new RegExp(`^Process ${castellan.supervisorPid} already runs Castellan over ${castellan.data}`),
          ),
        },
      });
      expect((await cast.author.api.me()).name).toBe('ada');
    });

    it.each(['api', 'gateway'] as const)('wants a port that the %s of another has', (purpose) =>
      withFolder(async (data) => {
        const { castellan } = onStage();
        const { port } = new URL(purpose === 'api' ? castellan.apiUrl : castellan.gatewayUrl);
        expect(await up(data, `--${purpose}-port`, port)).toMatchObject({
          exitCode: 1,
          error: {
            code: 'port_in_use',
            detail: expect.stringMatching(new RegExp(`^Port ${port}, .*--${purpose}-port`)),
          },
        });
        const left = await readdir(data, { recursive: true, withFileTypes: true });
        expect(left.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['castellan.json']);
      }),
    );

    it('is over a folder of another release, which it leaves as it is', () =>
      withFolder(async (data) => {
        await mkdir(data, { mode: 0o711 });
        const marker = join(data, 'castellan.json');
        await writeFile(marker, '{"format":2}');
        expect(await up(data)).toMatchObject({
          exitCode: 1,
          error: {
            code: 'data_folder_version',
            detail: expect.stringMatching(/format 2; .* reads format 1/),
          },
        });
        expect(await readdir(data)).toEqual(['castellan.json']);
        expect(await readFile(marker, 'utf8')).toBe('{"format":2}');
      }));

    it('is over a database of another PostgreSQL', () =>
      withFolder(async (data) => {
        const cluster = join(data, 'database', 'cluster');
        await mkdir(cluster, { recursive: true, mode: 0o711 });
        await writeFile(join(cluster, 'PG_VERSION'), '15\n');
        const marker = { format: 1, createdAt: '2026-11-23T12:00:00.000Z', demo: false, started: false };
        await writeFile(join(data, 'castellan.json'), JSON.stringify(marker));
        expect(await up(data)).toMatchObject({
          exitCode: 1,
          error: {
            code: 'database_folder_version',
            detail: expect.stringMatching(/PostgreSQL 15 .* reads 18/),
          },
        });
      }));

    it('is over a folder of somebody else’s, or over a file', () =>
      withFolder(async (data) => {
        await mkdir(data, { mode: 0o711 });
        const file = join(data, 'thesis.tex');
        await writeFile(file, 'My thesis');
        expect(await up(data)).toMatchObject({ exitCode: 1, error: { code: 'data_folder_foreign' } });
        expect(await up(file)).toMatchObject({ exitCode: 1, error: { code: 'data_folder_unusable' } });
        expect(await readdir(data)).toEqual(['thesis.tex']);
      }));

    it.each([
      ['--data', ''],
      ['--api-port', '99999'],
      ['--api-port', 'http'],
      ['--no-such-option', ''],
    ])('is misspelt: %s %j', async (option, value) => {
      expect(await runCastellan(['up', option, value])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining(option),
      });
    });
  });
}
