import { PredictRequest, type PredictResponse } from '@castellan/contracts';
import type { Signature, Tensor } from '@castellan/tensors';
import type { Route } from '../routing/route.js';
import { ServingError } from '../serving-error.js';
import { readPlainInput } from './plain-input.js';
import { writePlainOutput } from './plain-output.js';
import type { Prediction, PredictionRequest } from './predict.js';

/** A missing input is told later, by what the model wants. */
const Body = PredictRequest.partial({ input: true });

/** A request of the one-call API: `{"input": …, "model"?: …}` gives `{"output": …, "model", "version", "versionDigest"}`. */
export class PlainRequest implements PredictionRequest<PredictResponse> {
  #singleRow = false;

  private constructor(
    readonly name: string | undefined,
    private readonly input: unknown,
  ) {}

  /** @throws ServingError `input_malformed` for what is not JSON or not of that form */
  static parse(body: Uint8Array): PlainRequest {
    const parsed = Body.safeParse(parseJson(body));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const field = issue?.path.join('.') ?? '';
      throw malformed(`${field === '' ? 'The body' : `"${field}"`}: ${issue?.message ?? 'not understood'}.`);
    }
    return new PlainRequest(parsed.data.model, parsed.data.input);
  }

  inputs(_route: Route, signature: Signature): readonly Tensor[] {
    const { tensors, singleRow } = readPlainInput(signature, this.input);
    this.#singleRow = singleRow;
    return tensors;
  }

  answer({ route, worker, outputs }: Prediction): PredictResponse {
    return {
      output: writePlainOutput(worker.signature, outputs, this.#singleRow),
      model: route.name,
      version: route.number,
      versionDigest: worker.versionDigest,
    };
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw malformed('The body is not JSON. Send {"input": …}.', cause);
  }
}

function malformed(publicDetail: string, cause?: unknown): ServingError {
  return new ServingError('input_malformed', { kind: 'invalid', publicDetail, cause });
}
