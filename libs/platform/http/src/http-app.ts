import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Abstract, DynamicModule, LoggerService, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessControl } from './access-control.js';
import { answerProblem } from './answer-problem.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { assertJudged, declaredEndpoints } from './declared-endpoints.js';
import { EndpointGuard } from './endpoint.guard.js';
import { healthRoutes, type ReadinessChecks } from './health-routes.js';
import { listen, type Listening, type ListenOptions } from './listen.js';
import { ProblemFilter } from './problem.filter.js';
import { asCastellanError } from './problem.js';
import { requestBodies } from './request-bodies.js';
import { RequestsInFlight } from './requests-in-flight.js';
import { requestValidation } from './request-validation.js';
import { apiPolicy, securityHeaders, type AddHeaders } from './security-headers.js';
import { StorableText } from './storable-text.js';
import { unreadBodies } from './unread-bodies.js';

export type ProviderLookup = <T>(token: Type<T> | Abstract<T>) => T;

export interface HttpAppOptions {
  /** Absent: plain HTTP. For mutual TLS see `mutualTlsServerOptions`. */
  readonly tls?: ServerOptions;
  /** Largest JSON body, in bytes. Default 1 MiB. Streams are limited by whoever reads them. */
  readonly bodyLimitBytes?: number;
  /** Whose `X-Forwarded-For` is believed: addresses or networks of our own proxies. Default: nobody's. */
  readonly trustProxy?: readonly string[];
  readonly logger?: LoggerService | false;
  /** Default: nothing may be loaded, as befits an API. The console states its own. */
  readonly contentSecurityPolicy?: string;
  /** Checks for /readyz, by name; one that throws means "not ready". */
  readonly readiness?: (get: ProviderLookup) => ReadinessChecks;
  /** Called before routes are made: for Fastify plugins and routes that no controller has. */
  readonly prepare?: (nest: NestFastifyApplication) => Promise<void>;
}

export interface HttpApp {
  /** For what this wrapper doesn't say: `nest.get`, and `nest.inject` in tests. */
  readonly nest: NestFastifyApplication;
  /** @throws `port_in_use` */
  listen(options: ListenOptions): Promise<Listening>;
  /**
   * /readyz fails at once; after `drainMs` no connection is taken any more. Requests in flight are finished, for up to
   * `graceMs` (default 15,000); then every connection is ended.
   */
  close(options?: { readonly drainMs?: number; readonly graceMs?: number }): Promise<void>;
}

/**
 * A Nest application over Fastify with our manners: declared endpoints only, problem+json, checked input, shaped output,
 * request ids, security headers, /livez and /readyz.
 * @throws `endpoint_undeclared` instead of starting with a route that says nothing about access
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions = {},
): Promise<HttpApp> {
  const overTls = options.tls !== undefined;
  const addHeaders = securityHeaders(options.contentSecurityPolicy ?? apiPolicy, overTls);
  const adapter = fastifyAdapter(options, addHeaders);
  const fastify: FastifyInstance = adapter.getInstance();
  fastify.addHook('onSend', async (request, reply) => addHeaders(request, reply));
  requestBodies(fastify);
  unreadBodies(fastify);
  const nest = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    abortOnError: false,
    bodyParser: false,
    logger: options.logger ?? ['error', 'warn'],
  });
  const lookup: ProviderLookup = (token) => nest.get(token, { strict: false });
  const reflector = nest.get(Reflector);
  const accessControl = isProvided(nest, AccessControl) ? lookup(AccessControl) : undefined;
  assertJudged(declaredEndpoints(nest), accessControl);
  nest.useGlobalGuards(new EndpointGuard(reflector, accessControl));
  nest.useGlobalPipes(new StorableText(), requestValidation());
  nest.useGlobalInterceptors(new AnswerInterceptor(reflector));
  nest.useGlobalFilters(new ProblemFilter());
  let closing = false;
  const requests = new RequestsInFlight(fastify);
  fastify.addHook('onSend', async (_request, reply) => {
    // A connection kept alive would hold the shutdown up after its last answer.
    if (closing) void reply.header('connection', 'close');
  });
  healthRoutes(fastify, options.readiness?.(lookup) ?? {}, () => closing);
  await options.prepare?.(nest);
  await nest.init();
  await fastify.ready();
  return {
    nest,
    listen: (where) => listen(nest, where, overTls),
    close: async ({ drainMs = 0, graceMs = 15_000 } = {}) => {
      closing = true;
      await sleep(drainMs);
      const closed = nest.close();
      await Promise.race([closed, requests.finished(), sleep(graceMs, undefined, { ref: false })]);
      // Connections without a request, or that outstay the grace, would hold the shutdown up for a minute.
      endConnections(nest.getHttpServer());
      await closed;
    },
  };
}

function fastifyAdapter(
  { tls, bodyLimitBytes = 1024 * 1024, trustProxy }: HttpAppOptions,
  addHeaders: AddHeaders,
): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    genReqId: (request: IncomingMessage) => acceptableId(request.headers['x-request-id']) ?? randomUUID(),
    forceCloseConnections: 'idle',
    // What fails before there is a route, such as a path that is not one, never comes to a hook or a filter.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      addHeaders(request, reply);
      answerProblem(reply, asCastellanError(error), request.id);
    },
    ...(trustProxy === undefined ? {} : { trustProxy: [...trustProxy] }),
    ...(tls === undefined ? {} : { https: tls }),
  });
}

/** A caller may bring an id to follow a request by, if it can't disturb a log line. */
function acceptableId(given: string | string[] | undefined): string | undefined {
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : undefined;
}

/** Asked before the lookup: Nest logs a lookup that fails as an error. */
function isProvided(nest: NestFastifyApplication, token: Abstract<unknown>): boolean {
  return [...nest.get(ModulesContainer).values()].some(({ providers }) => providers.has(token));
}

function endConnections(server: unknown): void {
  if (server !== null && typeof server === 'object' && 'closeAllConnections' in server) {
    (server as Pick<Server, 'closeAllConnections'>).closeAllConnections();
  }
}
