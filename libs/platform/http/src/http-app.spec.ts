import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { Body, Controller, Get, Module, Param, Post, Put, Query } from '@nestjs/common';
import { CastellanError } from '@castellan/errors';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  AccessControl,
  BodyStream,
  createHttpApp,
  Endpoint,
  HttpError,
  openApiDocument,
  type HttpApp,
} from './index.js';

const Castle = z.object({ name: z.string().min(2), towers: z.number().int() }).meta({ id: 'Castle' });
const Page = z.object({ limit: z.coerce.number().int().max(10).default(5) });

class GateKeeper extends AccessControl {
  override async authorize(request: FastifyRequest, permission: string): Promise<void> {
    if (request.headers.authorization === undefined) {
      throw new CastellanError({ code: 'nobody', kind: 'unauthenticated', publicDetail: 'Who are you?' });
    }
    if (permission !== 'build:Castle') {
      throw new CastellanError({ code: 'not_you', kind: 'forbidden', publicDetail: 'Not you.' });
    }
  }
}

@Controller('castles')
class CastlesController {
  @Post()
  @Endpoint({ permission: 'build:Castle', summary: 'Build', input: Castle, output: Castle, status: 201 })
  build(@Body() castle: z.infer<typeof Castle>): unknown {
    return { ...castle, secretPassage: 'behind the library' };
  }

  @Get()
  @Endpoint({ public: 'a test', summary: 'List', query: Page, output: z.object({ limit: z.number() }) })
  list(@Query() page: z.infer<typeof Page>): unknown {
    return page;
  }

  @Get('ruin')
  @Endpoint({ permission: 'raze:Castle', summary: 'Not for you' })
  raze(): void {}

  @Get('broken')
  @Endpoint({ public: 'a test', summary: 'A defect' })
  broken(): void {
    throw new Error('the password is hunter2');
  }

  @Get('misshapen')
  @Endpoint({ public: 'a test', summary: 'A defect', output: Castle })
  misshapen(): unknown {
    return { name: 'x' };
  }

  @Get('full')
  @Endpoint({ public: 'a test', summary: 'A limit' })
  full(): void {
    throw new CastellanError({
      code: 'castle_full',
      kind: 'exhausted',
      publicDetail: 'No room.',
      retryAfterMs: 1500,
    });
  }

  @Put(':name/stones')
  @Endpoint({
    public: 'a test',
    summary: 'A stream',
    stream: true,
    params: z.object({ name: z.string().max(8) }),
  })
  async stones(@BodyStream() stones: Readable, @Param('name') name: string): Promise<unknown> {
    let sizeBytes = 0;
    for await (const chunk of stones) sizeBytes += chunk.length;
    return { name, sizeBytes };
  }

  @Put(':name/gate')
  @Endpoint({ public: 'a test', summary: 'A refusal on the way', stream: true })
  async gate(@BodyStream() carts: Readable, @Param('name') name: string): Promise<void> {
    for await (const _cart of carts.iterator({ destroyOnReturn: name === 'shut' }))
      throw new CastellanError({ code: 'castle_full', kind: 'exhausted', publicDetail: 'No room.' });
  }
}

@Module({
  controllers: [CastlesController],
  providers: [{ provide: AccessControl, useClass: GateKeeper }],
})
class CastlesModule {}

describe('createHttpApp', () => {
  let app: HttpApp;
  let healthy = true;
  beforeAll(async () => {
    app = await createHttpApp(CastlesModule, {
      logger: false,
      bodyLimitBytes: 2000,
      readiness: () => ({ moat: async () => (healthy ? 'wet' : Promise.reject(new Error('dry'))) }),
    });
  });
  afterAll(() => app.close());

  const post = (body: unknown, headers: Record<string, string> = { authorization: 'x' }) =>
    app.nest.inject({
      method: 'POST',
      url: '/castles',
      headers: { 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(body),
    });

  it('lets nothing out that the output schema does not name', async () => {
    const answer = await post({ name: 'Karlstejn', towers: 3 });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ name: 'Karlstejn', towers: 3 });
  });

  it('asks who is calling before it looks at the input', async () => {
    const answer = await post({ wrong: true }, {});
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ code: 'nobody', status: 401, detail: 'Who are you?' });
  });

  it('answers 403 to somebody who may not', async () => {
    const answer = await app.nest.inject({ url: '/castles/ruin', headers: { authorization: 'x' } });
    expect(answer.statusCode).toBe(403);
  });

  it('gives one message a field', async () => {
    const answer = await post({ name: 'K', towers: 1.5 });
    expect(answer.statusCode).toBe(400);
    const { code, errors } = answer.json();
    expect(code).toBe('request_invalid');
    expect(errors.map(({ path }: { path: string }) => path)).toEqual(['name', 'towers']);
  });

  it('coerces and defaults a query, and refuses a bad one', async () => {
    expect((await app.nest.inject({ url: '/castles' })).json()).toEqual({ limit: 5 });
    expect((await app.nest.inject({ url: '/castles?limit=7' })).json()).toEqual({ limit: 7 });
    expect((await app.nest.inject({ url: '/castles?limit=70' })).statusCode).toBe(400);
  });

  it('tells malformed JSON, a body too large and an unknown address apart', async () => {
    const malformed = await app.nest.inject({
      method: 'POST',
      url: '/castles',
      headers: { 'content-type': 'application/json', authorization: 'x' },
      payload: '{"name":',
    });
    expect(malformed.json()).toMatchObject({ status: 400, code: 'request_malformed' });
    expect((await post({ name: 'x'.repeat(3000) })).json()).toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
    expect((await app.nest.inject({ url: '/nowhere' })).json()).toMatchObject({
      status: 404,
      code: 'route_unknown',
    });
  });

  it('takes JSON alone, in UTF-8, and says what came instead', async () => {
    const send = (payload: Buffer | string, type?: string) =>
      app.nest.inject({
        method: 'POST',
        url: '/castles',
        headers: { authorization: 'x', ...(type === undefined ? {} : { 'content-type': type }) },
        payload,
      });
    const castle = '{"name":"Karlstejn","towers":3}';
    expect((await send(castle, 'application/json; charset=utf-8')).statusCode).toBe(201);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', undefined])
      expect((await send(castle, type)).json()).toMatchObject({
        status: 415,
        code: 'content_type_unsupported',
        detail: expect.stringContaining(type ?? 'no Content-Type'),
      });
    const latin1 = Buffer.from('{"name":"Karl\u00e9tejn","towers":3}', 'latin1');
    expect((await send(latin1, 'application/json')).json()).toMatchObject({
      code: 'request_malformed',
      detail: 'The body is not UTF-8, as JSON must be.',
    });
  });

  it('refuses text that can not be kept as it was sent', async () => {
    for (const name of ['a\u0000b', 'a\ud800b'])
      expect((await post({ name, towers: 1 })).json()).toMatchObject({
        code: 'request_invalid',
        errors: [{ path: 'name' }],
      });
    const inPath = await app.nest.inject({ method: 'PUT', url: '/castles/a%00b/stones' });
    expect(inPath.json()).toMatchObject({ code: 'request_invalid', errors: [{ path: 'name' }] });
    const deep = '['.repeat(900);
    const tower = (top: string): unknown => JSON.parse(`${deep}${top}${']'.repeat(900)}`);
    expect((await post({ name: 'x', towers: tower('') })).json()).toMatchObject({
      errors: [{ path: 'name' }, { path: 'towers' }],
    });
    expect((await post({ name: 'x', towers: tower('"\\u0000"') })).json()).toMatchObject({
      errors: [{ path: expect.stringMatching(/^towers\.0\.0\.0/) }],
    });
  });

  it('answers a path that is none with a problem as well', async () => {
    const answer = await app.nest.inject({ url: '/castles/%ff' });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ status: 400, code: 'request_malformed' });
  });

  it('says nothing about an internal error but its request id', async () => {
    const answer = await app.nest.inject({ url: '/castles/broken', headers: { 'x-request-id': 'trace-1' } });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    expect(answer.json()).toMatchObject({ code: 'internal', requestId: 'trace-1' });
    expect(answer.headers['x-request-id']).toBe('trace-1');
  });

  it('answers 500 rather than a shape it did not declare', async () => {
    expect((await app.nest.inject({ url: '/castles/misshapen' })).json()).toMatchObject({
      code: 'answer_malformed',
    });
  });

  it('makes a request id of its own when the given one could disturb a log', async () => {
    const answer = await app.nest.inject({ url: '/castles', headers: { 'x-request-id': 'a b\tc' } });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says when to come back, in whole seconds', async () => {
    const answer = await app.nest.inject({ url: '/castles/full' });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '2']);
  });

  it.each(['application/json', 'application/x-www-form-urlencoded', 'image/png', undefined])(
    'hands a stream over untouched when its type is %s',
    async (type) => {
      const answer = await app.nest.inject({
        method: 'PUT',
        url: '/castles/k/stones',
        headers: type === undefined ? {} : { 'content-type': type },
        payload: Buffer.alloc(10_000, 'x'),
      });
      expect(answer.json()).toEqual({ name: 'k', sizeBytes: 10_000 });
    },
  );

  it('takes an absent body for an empty stream, and checks path parameters', async () => {
    expect((await app.nest.inject({ method: 'PUT', url: '/castles/k/stones' })).json()).toMatchObject({
      sizeBytes: 0,
    });
    expect(
      (await app.nest.inject({ method: 'PUT', url: '/castles/too-long-a-name/stones' })).statusCode,
    ).toBe(400);
  });

  it('puts security headers on every answer', async () => {
    for (const url of ['/castles', '/nowhere', '/livez', '/castles/broken', '/%ff']) {
      const { headers } = await app.nest.inject({ url });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
  });

  it('is ready while its checks pass', async () => {
    expect((await app.nest.inject({ url: '/readyz' })).statusCode).toBe(200);
    healthy = false;
    expect((await app.nest.inject({ url: '/readyz' })).json()).toEqual({
      status: 'failing',
      checks: { moat: 'failing' },
    });
    expect((await app.nest.inject({ url: '/livez' })).statusCode).toBe(200);
    healthy = true;
  });

  it('describes itself from the same schemas', async () => {
    const document = await openApiDocument(app.nest, { title: 'Castles', version: '1', description: '' });
    const build = document.paths['/castles']?.post;
    expect(build?.summary).toBe('Build');
    expect(JSON.stringify(build?.requestBody)).toContain('#/components/schemas/Castle');
    expect(JSON.stringify(build?.responses['201'])).toContain('#/components/schemas/Castle');
    expect(document.components?.schemas?.['Castle']).toMatchObject({
      properties: { towers: { type: 'integer' } },
    });
    expect(document.paths['/castles']?.get?.parameters).toMatchObject([{ name: 'limit', in: 'query' }]);
    expect(document.paths['/castles/{name}/stones']?.put?.requestBody).toBeDefined();
  });
});

describe('when a route says nothing about access', () => {
  @Controller('open')
  class OpenController {
    @Get()
    forgotten(): string {
      return 'everybody in';
    }

    @Post()
    @Endpoint({ public: 'a test', summary: 'Unchecked' })
    unchecked(@Body() body: unknown): unknown {
      return body;
    }
  }
  @Module({ controllers: [OpenController] })
  class OpenModule {}
  @Module({ controllers: [CastlesController] })
  class UnjudgedModule {}

  it('does not start, and names every such route', async () => {
    const start = createHttpApp(OpenModule, { logger: false });
    await expect(start).rejects.toThrow(/OpenController.forgotten has no @Endpoint/);
    await expect(start).rejects.toThrow(/OpenController.unchecked takes a body without a schema/);
  });

  it('does not start when permissions have no judge', async () => {
    await expect(createHttpApp(UnjudgedModule, { logger: false })).rejects.toThrow(
      /provides no AccessControl/,
    );
  });
});

describe('listen', () => {
  let squatter: Server;
  afterAll(() => new Promise((resolve) => squatter.close(resolve)));

  it('says that a port is taken', async () => {
    squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const address = squatter.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const app = await createHttpApp(CastlesModule, { logger: false });
    const attempt = app.listen({ port });
    await expect(attempt).rejects.toBeInstanceOf(HttpError);
    await expect(attempt).rejects.toMatchObject({ code: 'port_in_use', kind: 'conflict' });
    await app.close();
  });

  it('is not held up by somebody who connects and says nothing', async () => {
    const own = await createHttpApp(CastlesModule, { logger: false });
    const { port } = await own.listen({ port: 0 });
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    const ended = once(silent, 'close');
    await own.close();
    await ended;
  });

  describe('a refusal before all of a body came', () => {
    const refusedOn = async (own: HttpApp, name: string, length: number) => {
      const { port } = await own.listen({ port: 0 });
      const client = connect(port, '127.0.0.1').setEncoding('latin1');
      let heard = '';
      client.on('data', (text: string) => (heard += text)).on('error', () => undefined);
      client.write(`PUT /castles/${name}/gate HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\nfirst`);
      while (!heard.includes('castle_full')) await once(client, 'data');
      return { client, heard: () => heard };
    };

    it('leaves the connection to the next request', async () => {
      const own = await createHttpApp(CastlesModule, { logger: false });
      const { client, heard } = await refusedOn(own, 'ajar', 400_000);
      client.write(Buffer.alloc(400_000 - 'first'.length));
      client.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
      while (!heard().includes('HTTP/1.1 200')) await once(client, 'data');
      client.destroy();
      await own.close();
    });

    it.each([
      ['a reader that gave its stream up', 'shut', 400_000],
      ['a body too long to drop', 'ajar', 40e9],
    ])('ends the connection of %s', async (_, name, length) => {
      const own = await createHttpApp(CastlesModule, { logger: false });
      const { client, heard } = await refusedOn(own, name, length);
      if (!client.closed) await once(client, 'close');
      expect(heard()).toMatch(/connection: close/i);
      await own.close();
    });
  });

  it('finishes requests in flight when it closes, and is not ready meanwhile', async () => {
    const app = await createHttpApp(CastlesModule, { logger: false });
    const { url } = await app.listen({ port: 0 });
    const closing = app.close({ drainMs: 300 });
    const readiness = await fetch(`${url}/readyz`);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({ status: 'closing' });
    const source = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        controller.enqueue(new Uint8Array(10));
        if (++pulls === 5) controller.close();
      },
    });
    let pulls = 0;
    const slow = await fetch(`${url}/castles/k/stones`, { method: 'PUT', body: source, duplex: 'half' });
    expect(await slow.json()).toMatchObject({ sizeBytes: 50 });
    await closing;
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });
});
