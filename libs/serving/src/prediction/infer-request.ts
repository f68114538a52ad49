import {
  decodeInferRequest,
  encodeInferResponse,
  tensorFromRawRequest,
  wantsBinary,
  type InferBody,
  type InferRequest as InferMessage,
  type Signature,
  type Tensor,
} from '@castellan/tensors';
import type { Route } from '../routing/route.js';
import { ServingError } from '../serving-error.js';
import type { Prediction, PredictionRequest } from './predict.js';

/** An infer request of the Open Inference Protocol v2: JSON, JSON with binary tensors, or one raw binary tensor. */
export class InferRequest implements PredictionRequest<InferBody> {
  private constructor(
    /** Absent for the raw form, where the whole body is the data of the only input. */
    private readonly message: InferMessage | undefined,
    private readonly raw: Uint8Array,
    private readonly version: string | undefined,
  ) {}

  /** @param version as the address names it, if it does. @throws TensorError */
  static parse({ body, headerLength }: InferBody, version: string | undefined): InferRequest {
    const message =
      headerLength === 0
        ? undefined
        : decodeInferRequest({ body, ...(headerLength === undefined ? {} : { headerLength }) });
    return new InferRequest(message, body, version);
  }

  inputs(route: Route, signature: Signature): readonly Tensor[] {
    requireVersion(route, this.version);
    if (this.message === undefined) return [tensorFromRawRequest(signature, this.raw)];
    for (const { name } of this.message.outputs ?? []) requireOutput(signature, name);
    return this.message.inputs;
  }

  answer({ route, outputs, worker }: Prediction): InferBody {
    const { id, outputs: requested } = this.message ?? {};
    const response = {
      modelName: route.name,
      modelVersion: String(route.number),
      ...(id === undefined ? {} : { id }),
      parameters: { version_digest: worker.versionDigest },
      outputs:
        requested === undefined
          ? outputs
          : outputs.filter(({ name }) => requested.some((one) => one.name === name)),
    };
    return encodeInferResponse(response, this.message === undefined ? () => true : wantsBinary(this.message));
  }
}

/** An address may name the version; only the one that is deployed answers. @throws version_unknown */
export function requireVersion({ name, number }: Route, version: string | undefined): void {
  if (version === undefined || version === String(number)) return;
  throw new ServingError('version_unknown', {
    kind: 'not_found',
    publicDetail: `"${name}" serves version ${number}, not ${JSON.stringify(version.slice(0, 20))}.`,
  });
}

function requireOutput({ outputs }: Signature, name: string): void {
  if (outputs.some((output) => output.name === name)) return;
  const given = outputs.map((output) => `"${output.name}"`).join(', ');
  throw new ServingError('input_malformed', {
    kind: 'invalid',
    publicDetail: `There is no output ${JSON.stringify(name.slice(0, 100))}; the model gives ${given}.`,
  });
}
