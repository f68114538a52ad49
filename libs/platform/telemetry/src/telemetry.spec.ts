import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { createHttpApp, Endpoint, type HttpApp } from '@castellan/http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Logger, Module, Param } from '@nestjs/common';
import { typescriptSources } from '../../../../test/support/typescript-sources.js';
import { Metrics, MetricsModule, measureRequests, NestLog, structuredLog } from './index.js';

function captured() {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { lines, log: structuredLog({ service: 'api', instance: 'a' }, { logLevel: 'info' }, destination) };
}

describe('structuredLog', () => {
  it('writes one JSON object a line, with UTC time and the service', () => {
    const { lines, log } = captured();
    log.info({ requestId: 'r1' }, 'served');
    log.debug('not at this level');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        service: 'api',
        instance: 'a',
        requestId: 'r1',
        message: 'served',
      },
    ]);
  });

  it('does not keep a process that nobody reads any more from ending', async () => {
    const source = new URL('structured-log.ts', import.meta.url).href;
    const program = `
      const { structuredLog } = await import(${JSON.stringify(source)});
      const log = structuredLog({ service: 'api' }, { logLevel: 'info' });
      log.info('begun');
      process.stdin.once('data', () => {
        for (let line = 0; line < 100; line++) log.info('still there?');
        process.exit(7);
      });`;
    const child = spawn(process.execPath, [...typescriptSources, '--input-type=module', '--eval', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    expect(JSON.parse(String(line))).toMatchObject({ message: 'begun' });
    child.stdout.destroy();
    child.stdin.end('now');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it('never writes what a request or a configuration keeps secret', () => {
    const { lines, log } = captured();
    log.info({
      authorization: 'hunter2',
      headers: { authorization: 'hunter2', cookie: 'hunter2', host: 'ok' },
      request: { headers: { 'set-cookie': 'hunter2' }, body: { token: 'hunter2' } },
      config: { databaseUrl: 'hunter2', kms: { passphrase: 'hunter2' } },
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines).toMatchObject([{ headers: { host: 'ok', cookie: '[redacted]' } }]);
  });

  it('writes an error with its causes, but not what a driver hung on it', () => {
    const { lines, log } = captured();
    const driver = Object.assign(new Error('duplicate key'), { code: '23505', parameters: ['hunter2'] });
    log.error({ err: new Error('could not save', { cause: driver }) }, 'failed');
    expect(lines).toMatchObject([
      {
        message: 'failed',
        err: { message: 'could not save', cause: { message: 'duplicate key', code: '23505' } },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('NestLog', () => {
  it('carries the context, members and errors of a Nest logger', () => {
    const { lines, log } = captured();
    Logger.overrideLogger(new NestLog(log));
    const logger = new Logger('http');
    logger.log('listening');
    logger.error({ requestId: 'r2', err: new Error('broken') }, 'internal');
    logger.warn(new Error('odd'));
    Logger.overrideLogger(false);
    expect(lines).toMatchObject([
      { level: 'info', context: 'http', message: 'listening' },
      { level: 'error', context: 'http', requestId: 'r2', message: 'internal', err: { message: 'broken' } },
      { level: 'warn', context: 'http', err: { message: 'odd' } },
    ]);
  });
});

@Controller('castles')
class CastleController {
  @Get(':name')
  @Endpoint({ public: 'a test', summary: 'One' })
  show(@Param('name') name: string): string {
    return name;
  }
}
@Module({ controllers: [CastleController] })
class CastleModule {}

describe('metrics', () => {
  const metrics = new Metrics('api');
  let app: HttpApp;
  let scrape: HttpApp;
  beforeAll(async () => {
    app = await createHttpApp(CastleModule, {
      logger: false,
      prepare: async (nest) => measureRequests(nest, metrics),
    });
    scrape = await createHttpApp(MetricsModule.of(metrics), { logger: false });
  });
  afterAll(() => Promise.all([app.close(), scrape.close()]));

  it('times requests by route pattern, not by address', async () => {
    await app.nest.inject('/castles/karlstejn');
    await app.nest.inject('/castles/krivoklat');
    await app.nest.inject('/nowhere');
    const { body, headers } = await scrape.nest.inject('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toMatch(
      /http_server_request_duration_seconds_count\{[^}]*http_route="\/castles\/:name"[^}]*http_response_status_code="200"[^}]*\} 2/,
    );
    expect(body).not.toContain('karlstejn');
    expect(body).toContain('service="api"');
  });

  it('counts and gauges under names of their own', async () => {
    metrics.counter('castellan_scans_total', 'Scans', ['verdict']).inc({ verdict: 'clean' });
    metrics.gauge('castellan_approvals_pending', 'Waiting').set(3);
    const { body } = await scrape.nest.inject('/metrics');
    expect(body).toMatch(/castellan_scans_total\{verdict="clean",service="api"\} 1/);
    expect(body).toMatch(/castellan_approvals_pending\{service="api"\} 3/);
  });
});
