import type { Readable } from 'node:stream';
import { type Actor, CurrentActor } from '@castellan/access';
import { BodyStream, Endpoint } from '@castellan/http';
import { INFER_HEADER_LENGTH } from '@castellan/tensors';
import { Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Route } from '../routing/route.js';
import { RoutingTable } from '../routing/routing-table.js';
import { InferErrorFilter } from './infer-error.filter.js';
import { InferRequest, requireVersion } from './infer-request.js';
import { metadataOf } from './infer-metadata.js';
import { originOf } from './origin.js';
import { Predict } from './predict.js';
import { ReachableRoutes } from './reachable-routes.js';
import { readBody } from './read-body.js';
import { refusalOf } from './refusal.js';

interface ModelAddress {
  readonly model: string;
  readonly version?: string;
}

/** The Open Inference Protocol v2 over REST, with the binary tensor extension. A deployment is a model to it. */
@Controller('v2')
@UseFilters(InferErrorFilter)
export class InferController {
  constructor(
    private readonly predict: Predict,
    private readonly routes: RoutingTable,
    private readonly reachable: ReachableRoutes,
  ) {}

  @Get()
  @Endpoint({ public: 'the protocol asks it before anybody has a key', summary: 'Which server this is' })
  server(): unknown {
    return { name: 'castellan', version: '0.1.0', extensions: ['binary_tensor_data'] };
  }

  @Get('health/live')
  @Endpoint({ public: 'health checks carry no key', summary: 'Whether the server runs' })
  live(): void {}

  @Get('health/ready')
  @Endpoint({
    public: 'health checks carry no key',
    summary: 'Whether the server knows where predictions go',
  })
  ready(@Res({ passthrough: true }) reply: FastifyReply): void {
    if (!this.routes.filled) void reply.status(503);
  }

  @Get(['models/:model', 'models/:model/versions/:version'])
  @Endpoint({ permission: 'predict:Deployment', summary: 'What a model takes and gives' })
  async metadata(@Param() address: ModelAddress, @CurrentActor() actor: Actor): Promise<unknown> {
    return metadataOf(await this.#route(address, actor));
  }

  @Get(['models/:model/ready', 'models/:model/versions/:version/ready'])
  @Endpoint({
    permission: 'predict:Deployment',
    summary: 'Whether a model is served now; the error says why not',
  })
  async modelReady(@Param() address: ModelAddress, @CurrentActor() actor: Actor): Promise<void> {
    const route = await this.#route(address, actor);
    if (route.workers.length === 0) throw refusalOf(route);
  }

  @Post(['models/:model/infer', 'models/:model/versions/:version/infer'])
  @Endpoint({ permission: 'predict:Deployment', summary: 'Predict', stream: true })
  async infer(
    @Param() { model, version }: ModelAddress,
    @BodyStream() source: Readable,
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { body, headerLength } = await this.predict.execute({
      actor,
      origin: originOf(request),
      name: model,
      read: async () =>
        InferRequest.parse(
          { body: await readBody(source, request.headers), ...headerLengthOf(request) },
          version,
        ),
    });
    if (headerLength === undefined) void reply.header('content-type', 'application/json');
    else
      void reply.headers({ 'content-type': 'application/octet-stream', [INFER_HEADER_LENGTH]: headerLength });
    void reply.status(200).send(body);
  }

  async #route({ model, version }: ModelAddress, actor: Actor): Promise<Route> {
    const route = await this.reachable.find(actor, model);
    requireVersion(route, version);
    return route;
  }
}

function headerLengthOf({ headers }: FastifyRequest): { headerLength?: number } {
  const given = headers[INFER_HEADER_LENGTH];
  return given === undefined ? {} : { headerLength: Number(given) };
}
