import { Sha256, WorkerDeployments, type WorkerDeploymentState } from '@castellan/contracts';
import type { CastellanError } from '@castellan/errors';
import { peerCall, peerRefusal, type MutualTlsFetch } from '@castellan/http';
import {
  decodeInferResponse,
  encodeInferRequest,
  INFER_HEADER_LENGTH,
  type InferBody,
  type Tensor,
} from '@castellan/tensors';
import { z } from 'zod';
import { ServingError } from '../serving-error.js';
import { parseSignature } from './parse-signature.js';
import { WorkerClient, type WorkerAnswer, type WorkerState } from './worker-client.js';

/** The two ways to the workers; both demand the role `worker` of whoever answers. */
export interface WorkerTransport {
  /** For orders and questions: gives up soon, so that one silent worker doesn't hold up the others. */
  readonly control: MutualTlsFetch;
  /** For predictions: gives up when no prediction should take so long. */
  readonly data: MutualTlsFetch;
}

/** The worker's HTTP API. Tensors travel in the binary form of the Open Inference Protocol v2, both ways. */
export class MutualTlsWorkerClient extends WorkerClient {
  constructor(private readonly transport: WorkerTransport) {
    super();
  }

  async states(worker: string): Promise<readonly WorkerState[]> {
    const answer = await this.#order(worker, 'GET', '/v1/deployments');
    return WorkerDeployments.parse(answer).deployments.map(workerState);
  }

  async place(worker: string, name: string, versionId: string): Promise<void> {
    await this.#order(worker, 'PUT', pathOf(name), { versionId });
  }

  async remove(worker: string, name: string): Promise<void> {
    await this.#order(worker, 'DELETE', pathOf(name));
  }

  async infer(worker: string, name: string, inputs: readonly Tensor[]): Promise<WorkerAnswer> {
    const request = encodeInferRequest({ inputs });
    const answer = await this.transport.data(new URL(`${pathOf(name)}/infer`, worker), {
      method: 'POST',
      body: request.body,
      headers: {
        'content-type': 'application/octet-stream',
        ...(request.headerLength === undefined
          ? {}
          : { [INFER_HEADER_LENGTH]: String(request.headerLength) }),
      },
    });
    if (!answer.ok) throw predictionRefusal(peerRefusal(answer, await answer.text()));
    const length = answer.headers.get(INFER_HEADER_LENGTH);
    const body = new Uint8Array(await answer.arrayBuffer());
    return readAnswer({ body, ...(length === null ? {} : { headerLength: Number(length) }) });
  }

  #order(worker: string, method: string, path: string, body?: unknown): Promise<unknown> {
    return peerCall(this.transport.control, worker)(method, path, body);
  }
}

function pathOf(name: string): string {
  return `/v1/deployments/${encodeURIComponent(name)}`;
}

function workerState({ signature: stated, ...state }: WorkerDeploymentState): WorkerState {
  if (stated === undefined) return state;
  const signature = parseSignature(stated);
  if (signature !== undefined) return { ...state, signature };
  return {
    ...state,
    phase: 'failed',
    reason: 'signature_unknown',
    message: 'Its signature can not be read.',
  };
}

/** The gateway's own standing with a worker is no business of whoever asked for a prediction. */
function predictionRefusal(refusal: CastellanError): CastellanError {
  if (refusal.kind !== 'forbidden' && refusal.kind !== 'unauthenticated') return refusal;
  return new ServingError('worker_unavailable', {
    kind: 'unavailable',
    publicDetail: 'The worker does not take requests from this gateway.',
    retryAfterMs: 1_000,
    cause: refusal,
  });
}

/** The digest of what ran stands in the answer's parameters. */
const Stated = z.object({ version_digest: Sha256 });

function readAnswer(answer: InferBody): WorkerAnswer {
  try {
    const { outputs, parameters } = decodeInferResponse(answer);
    return { outputs, versionDigest: Stated.parse(parameters).version_digest };
  } catch (cause) {
    throw new ServingError('worker_answer_malformed', {
      kind: 'internal',
      publicDetail: 'The worker gave an answer that can not be read.',
      cause,
    });
  }
}
