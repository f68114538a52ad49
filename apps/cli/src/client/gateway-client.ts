import { PredictResponse } from '@castellan/contracts';
import { z } from 'zod';
import { HttpConnection, type ConnectionOptions } from './http-connection.js';

/** An Open Inference Protocol v2 answer, as far as it is shown. */
export const InferAnswer = z.object({
  model_name: z.string(),
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number().int()),
      data: z.array(z.unknown()),
    }),
  ),
});
export type InferAnswer = z.infer<typeof InferAnswer>;

export interface InferTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | bigint | string | boolean)[];
}

/** The data plane. */
export class GatewayClient {
  readonly connection: HttpConnection;

  constructor(options: ConnectionOptions) {
    this.connection = new HttpConnection(options);
  }

  predict(request: { readonly model?: string; readonly input: unknown }) {
    return this.connection.json(PredictResponse, 'POST', '/api/predict', { json: request });
  }

  infer(model: string, inputs: readonly InferTensor[]) {
    const path = `/v2/models/${encodeURIComponent(model)}/infer`;
    return this.connection.json(InferAnswer, 'POST', path, { json: { inputs } });
  }
}
