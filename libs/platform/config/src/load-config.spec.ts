import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, envExample, flag, loadConfig, setting } from './index.js';

const http = {
  port: setting('PORT', z.coerce.number().int().min(0).max(65535).default(8080), { about: 'TCP port' }),
  verbose: setting('VERBOSE', flag().optional(), { about: 'say more' }),
};
const store = {
  url: setting('STORE_URL', z.url(), { about: 'where blobs lie' }),
  password: setting('STORE_PASSWORD', z.string().min(12), { about: 'store password', secret: true }),
};
const good = { STORE_URL: 'https://store.test', STORE_PASSWORD: 'correct horse battery' };

function faultsOf(env: Record<string, string>): ConfigError {
  try {
    loadConfig({ http, store }, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected faults');
}

describe('loadConfig', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'castellan-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives each slice under its key, with types and defaults', () => {
    const config = loadConfig({ http, store }, { ...good, VERBOSE: 'on' });
    const port: number = config.http.port;
    expect(port).toBe(8080);
    expect(config.http.verbose).toBe(true);
    expect(config.store.url).toBe('https://store.test');
    expect(Object.isFrozen(config.store)).toBe(true);
  });

  it('counts an empty variable as absent', () => {
    expect(loadConfig({ http }, { PORT: '' }).http.port).toBe(8080);
  });

  it('reports every fault of every slice, by name', () => {
    const { faults } = faultsOf({ PORT: '99999', VERBOSE: 'maybe', STORE_PASSWORD: 'hunter2' });
    expect(faults.map(({ name }) => name)).toEqual(['PORT', 'VERBOSE', 'STORE_URL', 'STORE_PASSWORD']);
  });

  it('never shows a value', () => {
    const error = faultsOf({
      PORT: 'hunter2hunter2',
      STORE_URL: 'hunter2hunter2',
      STORE_PASSWORD: 'hunter2',
    });
    expect(JSON.stringify([error.message, error.publicDetail, error.faults])).not.toContain('hunter2');
  });

  it('hides a value that a schema quotes in its message', () => {
    const quoting = {
      key: setting(
        'KEY',
        z.string().refine(() => false, { error: ({ input }) => `bad ${String(input)}` }),
        { about: 'key' },
      ),
    };
    expect(() => loadConfig({ quoting }, { KEY: 'hunter2' })).toThrow(/KEY: custom/);
  });

  it('reads a secret from the file that NAME_FILE names', async () => {
    const path = join(folder, 'password');
    await writeFile(path, 'from a mounted file\n');
    const config = loadConfig({ store }, { STORE_URL: good.STORE_URL, STORE_PASSWORD_FILE: path });
    expect(config.store.password).toBe('from a mounted file');
  });

  it('refuses a secret given twice and a secret file that is missing', async () => {
    expect(() => loadConfig({ store }, { ...good, STORE_PASSWORD_FILE: '/x' })).toThrow(/given twice/);
    expect(() =>
      loadConfig({ store }, { STORE_URL: good.STORE_URL, STORE_PASSWORD_FILE: join(folder, 'absent') }),
    ).toThrow(/STORE_PASSWORD_FILE: names a file that can't be read \(ENOENT\)/);
  });

  it('does not read files for settings that are not secret', () => {
    expect(() =>
      loadConfig({ store }, { STORE_PASSWORD: good.STORE_PASSWORD, STORE_URL_FILE: '/etc/hostname' }),
    ).toThrow(/STORE_URL: is required/);
  });
});

describe('envExample', () => {
  it('lists each variable once, with defaults, and no value for secrets', () => {
    expect(envExample({ http, store, again: http })).toBe(
      [
        '## http',
        '# TCP port',
        '# PORT=8080',
        '# say more',
        '# VERBOSE=',
        '',
        '## store',
        '# where blobs lie [required]',
        '# STORE_URL=',
        '# store password (secret; or STORE_PASSWORD_FILE) [required]',
        '# STORE_PASSWORD=',
        '',
      ].join('\n'),
    );
  });
});
