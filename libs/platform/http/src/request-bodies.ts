import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by `@Endpoint({ stream: true })`. */
    readonly stream?: boolean;
  }
}

type BodyReading = Pick<
  FastifyInstance,
  'addHook' | 'addContentTypeParser' | 'removeAllContentTypeParsers' | 'getDefaultJsonParser'
>;

/**
 * How bodies are read. Routes declared with `stream: true` get theirs as it arrives, even one that says it is JSON or a form
 * (curl says so by default). All others take JSON in UTF-8 and nothing else: what is read as something that it isn't would
 * be refused for reasons that mislead, or stored with the wrong letters.
 */
export function requestBodies(fastify: BodyReading): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const text = utf8(body);
    if (text === undefined) done(notUtf8());
    else parse(request, text, done);
  });
  fastify.addContentTypeParser('*', (request, payload, done) => {
    const asItArrives = request.routeOptions.config.stream === true || request.is404;
    if (asItArrives) done(null, payload);
    else done(notJson(request.headers['content-type']));
  });
  fastify.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.stream === true && request.headers['content-type'] !== undefined) {
      request.headers['content-type'] = 'application/octet-stream';
    }
  });
}

function utf8(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

function notUtf8(): HttpError {
  return new HttpError({
    code: 'request_malformed',
    kind: 'invalid',
    publicDetail: 'The body is not UTF-8, as JSON must be.',
  });
}

function notJson(given: string | undefined): HttpError {
  const saying = given === undefined ? 'no Content-Type' : JSON.stringify(given.slice(0, 100));
  return new HttpError({
    code: 'content_type_unsupported',
    kind: 'invalid',
    publicDetail: `Send JSON, with "Content-Type: application/json"; this body came with ${saying}.`,
  });
}
