import { WorkerDeployments, type WorkerDeploymentState } from '@castellan/contracts';
import { peerCall, peerRefusal, type MutualTlsFetch } from '@castellan/http';
import {
  decodeInferResponse,
  encodeInferRequest,
  INFER_HEADER_LENGTH,
  type InferResponse,
  type Tensor,
} from '@castellan/tensors';
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
    const { body, headerLength } = encodeInferRequest({ inputs });
    const answer = await this.transport.data(new URL(`${pathOf(name)}/infer`, worker), {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/octet-stream',
        ...(headerLength === undefined ? {} : { [INFER_HEADER_LENGTH]: String(headerLength) }),
      },
    });
    if (!answer.ok) throw peerRefusal(answer, await answer.text());
    const length = answer.headers.get(INFER_HEADER_LENGTH);
    const { outputs, modelVersion } = readAnswer(
      new Uint8Array(await answer.arrayBuffer()),
      length === null ? undefined : Number(length),
    );
    return { outputs, ...(modelVersion === undefined ? {} : { modelVersion }) };
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

function readAnswer(body: Uint8Array, headerLength: number | undefined): InferResponse {
  try {
    return decodeInferResponse({ body, ...(headerLength === undefined ? {} : { headerLength }) });
  } catch (cause) {
    throw new ServingError('worker_answer_malformed', {
      kind: 'internal',
      publicDetail: 'The worker gave an answer that can not be read.',
      cause,
    });
  }
}
