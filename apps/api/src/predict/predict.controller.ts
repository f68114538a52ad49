import { PredictResponse, Problem } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { Endpoint, statusOfKind } from '@castellan/http';
import { Body, Controller, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GatewayAddress } from './gateway-address.js';

const PredictionForm = z.object({ input: z.unknown() }).meta({ id: 'PredictionForm' });
type PredictionForm = z.infer<typeof PredictionForm>;

/**
 * The console's prediction form: forwarded to the gateway with the caller's own credential, so that the gateway judges and
 * records it like any other request.
 */
@Controller('api/v1/deployments/:name/predict')
export class PredictController {
  constructor(private readonly gateway: GatewayAddress) {}

  @Post()
  @Endpoint({
    permission: 'predict:Deployment',
    summary: 'Try a deployment (the gateway answers)',
    input: PredictionForm,
    output: PredictResponse,
  })
  async predict(
    @Param('name') model: string,
    @Body() { input }: PredictionForm,
    @Req() request: FastifyRequest,
  ): Promise<PredictResponse> {
    const { authorization, cookie } = request.headers;
    const answer = await fetch(new URL('/api/predict', this.gateway.url), {
      method: 'POST',
      body: JSON.stringify({ model, input }),
      headers: {
        'content-type': 'application/json',
        'x-request-id': request.id,
        ...(authorization === undefined ? {} : { authorization }),
        ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
      },
    }).catch((cause: unknown) => {
      throw new CastellanError({
        code: 'gateway_unreachable',
        kind: 'unavailable',
        publicDetail: 'The gateway does not answer.',
        cause,
      });
    });
    const body: unknown = await answer.json();
    if (answer.ok) return PredictResponse.parse(body);
    throw refusal(answer.status, body);
  }
}

/** The gateway's refusal in its own words. */
function refusal(status: number, body: unknown): CastellanError {
  const { code, detail, meta } = Problem.parse(body);
  const kinds = Object.entries(statusOfKind) as [CastellanError['kind'], number][];
  const kind = kinds.find(([, known]) => known === status)?.[0] ?? 'internal';
  return new CastellanError({ code, kind, publicDetail: detail, ...(meta === undefined ? {} : { meta }) });
}
