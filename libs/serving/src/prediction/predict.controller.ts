import type { Readable } from 'node:stream';
import { type Actor, CurrentActor } from '@castellan/access';
import { PredictResponse } from '@castellan/contracts';
import { BodyStream, Endpoint } from '@castellan/http';
import { Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PlainRequest } from './plain-request.js';
import { Predict } from './predict.js';
import { originOf } from './origin.js';
import { readBody } from './read-body.js';

/** The one-call API. Its body is JSON whatever its content type says: `curl -d` says it is a form. */
@Controller('api/predict')
export class PredictController {
  constructor(private readonly predict: Predict) {}

  @Post()
  @Endpoint({
    permission: 'predict:Deployment',
    summary: 'Predict: {"input": rows, one row, or {name: rows}} gives {"output": …}',
    output: PredictResponse,
    stream: true,
  })
  call(
    @BodyStream() body: Readable,
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
  ): Promise<PredictResponse> {
    return this.predict.execute({
      actor,
      origin: originOf(request),
      read: async () => PlainRequest.parse(await readBody(body, request.headers)),
    });
  }
}
