import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlaceDeployment, type Phase } from '@castellan/contracts';
import { mutualTlsServerOptions, peerOf, type TlsIdentity } from '@castellan/http';
import {
  decodeInferRequest,
  encodeInferResponse,
  INFER_HEADER_LENGTH,
  type Signature,
  type Tensor,
} from '@castellan/tensors';

/** A version that the double can "run". */
export interface DoubledModel {
  readonly versionDigest: string;
  readonly signature: Signature;
  run(inputs: readonly Tensor[]): readonly Tensor[] | Promise<readonly Tensor[]>;
}

interface Placed {
  readonly versionId: string;
  phase: Phase;
  reason?: string;
  message?: string;
}

/**
 * A worker as the gateway meets it on the wire: mutual TLS, its four routes, its refusals. What it runs is a function; what
 * it may run is `allowed`, where a worker would ask the keybroker.
 */
export class WorkerDouble {
  /** Everything it was told, as `PUT digits <version>`. */
  readonly orders: string[] = [];
  readonly allowed = new Set<string>();
  readonly #placed = new Map<string, Placed>();

  private constructor(
    private readonly server: Server,
    private readonly models: ReadonlyMap<string, DoubledModel>,
  ) {}

  static async start(tls: TlsIdentity, models: ReadonlyMap<string, DoubledModel>): Promise<WorkerDouble> {
    const server = createServer(mutualTlsServerOptions(tls));
    const worker = new WorkerDouble(server, models);
    server.on('request', (request, response) => {
      worker
        .#answer(request, response)
        .catch((error: unknown) => problem(response, 500, 'internal', String(error)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return worker;
  }

  get address(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Its lease on this version ends: weights wiped, and no more releases. */
  revoke(versionId: string): void {
    this.allowed.delete(versionId);
    for (const placed of this.#placed.values()) {
      if (placed.versionId === versionId) placed.phase = 'refused';
    }
  }

  phaseOf(name: string): Phase | undefined {
    return this.#placed.get(name)?.phase;
  }

  /** As after a crash: it knows nothing any more. */
  forget(): void {
    this.#placed.clear();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (peerOf(request.socket)?.role !== 'gateway')
      return problem(response, 403, 'peer_forbidden', 'Not a gateway.');
    const [, name, infer] = /^\/v1\/deployments\/([^/]+)(\/infer)?$/.exec(request.url ?? '') ?? [];
    if (name === undefined)
      return json(response, 200, { deployments: [...this.#placed.keys()].map((key) => this.#state(key)) });
    if (infer !== undefined) return this.#infer(name, request, body, response);
    if (request.method === 'PUT') {
      const { versionId } = PlaceDeployment.parse(JSON.parse(body.toString()));
      this.orders.push(`PUT ${name} ${versionId}`);
      this.#place(name, versionId);
      return json(response, 202, this.#state(name));
    }
    this.orders.push(`DELETE ${name}`);
    this.#placed.delete(name);
    response.writeHead(204).end();
  }

  #place(name: string, versionId: string): void {
    const phase = this.allowed.has(versionId) ? 'ready' : 'refused';
    const why = phase === 'refused' ? { reason: 'release_refused', message: 'The keybroker refused.' } : {};
    this.#placed.set(name, { versionId, phase, ...why });
  }

  #state(name: string): object {
    const placed = this.#placed.get(name);
    const model = placed?.phase === 'ready' ? this.models.get(placed.versionId) : undefined;
    const { versionDigest, signature } = model ?? {};
    return { name, ...placed, ...(model && { versionDigest, signature, platform: 'double' }) };
  }

  async #infer(
    name: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const placed = this.#placed.get(name);
    const model = this.models.get(placed?.versionId ?? '');
    if (placed === undefined) return problem(response, 404, 'deployment_unknown', 'It was not given that.');
    if (placed.phase !== 'ready' || model === undefined) {
      return problem(response, 409, 'model_not_ready', 'It is not loaded.');
    }
    const { inputs } = decodeInferRequest({
      body,
      headerLength: Number(request.headers[INFER_HEADER_LENGTH]),
    });
    const answer = encodeInferResponse({
      modelName: name,
      parameters: { version_digest: model.versionDigest },
      outputs: await model.run(inputs),
    });
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': answer.body.length,
      ...(answer.headerLength === undefined ? {} : { [INFER_HEADER_LENGTH]: answer.headerLength }),
    });
    response.end(answer.body);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail }));
}
