import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFauxqs } from 'fauxqs';
import { KeptVersions } from './kept-versions.js';

/** What befalls a request instead of, or on the way of, its answer. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly location?: string }
  /** The request is carried out, and its answer is lost. */
  | { readonly kind: 'answer-lost' }
  | { readonly kind: 'silence' }
  /** The body comes in eight pieces, `pauseMs` apart. */
  | { readonly kind: 'slow'; readonly pauseMs: number }
  /** The head says the whole length; the connection ends after half of the body. */
  | { readonly kind: 'half-body' }
  /** After half of the body nothing more comes. */
  | { readonly kind: 'stalled-body' };

export interface S3Server {
  readonly endpoint: string;
  /** By host name: buckets answer at `<bucket>.s3.localhost`. */
  readonly hostEndpoint: string;
  /** What happens to the next requests that `matches` takes, one after the other. */
  inject(matches: (request: IncomingMessage) => boolean, ...faults: Fault[]): void;
  /** Every object written from here on has a version, and none is lost. */
  keepVersions(): void;
  /** Everything asked so far, as `PUT /bucket/key`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

type Asked = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * An S3 server in this process, and before it what it lacks: `If-None-Match: *` on writes, and faults. The client, the
 * signatures and the protocol are real.
 */
export async function startS3Server(bucket: string): Promise<S3Server> {
  const upstream = await startFauxqs({ port: 0, logger: false });
  upstream.createBucket(bucket);
  const requests: string[] = [];
  let injected: { matches: (request: IncomingMessage) => boolean; fault: Fault }[] = [];
  const turns = new Map<string, Promise<undefined>>();

  let kept: KeptVersions | undefined;

  const takeFault = (incoming: IncomingMessage) => {
    const found = injected.find(({ matches }) => matches(incoming));
    injected = injected.filter((one) => one !== found);
    return found?.fault;
  };

  const forward = async ({ method, url, headers }: Asked, body?: Buffer): Promise<Answer> => {
    const outgoing = request({ port: upstream.port, method, path: url, headers });
    outgoing.end(body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      outgoing.on('response', resolve).on('error', reject),
    );
    return { status: answer.statusCode ?? 500, headers: answer.headers, body: await buffer(answer) };
  };

  const writeOnce = async (asked: Asked, body: Buffer): Promise<Answer> => {
    const url = asked.url?.split('?')[0] ?? '';
    const before = turns.get(url);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    turns.set(url, promise);
    await before;
    try {
      const there = await forward({ method: 'HEAD', url, headers: { host: asked.headers.host } });
      return there.status === 200 ? refusal(412, 'PreconditionFailed') : await forward(asked, body);
    } finally {
      resolve(undefined);
    }
  };

  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const body = await buffer(incoming);
    const conditional = incoming.headers['if-none-match'] === '*' && !incoming.url?.includes('partNumber=');
    if (kept !== undefined) {
      const { path: url, version } = kept.of(incoming);
      const { headers, ...rest } = await forward({ ...asked(incoming), url }, body);
      return { ...rest, headers: { ...headers, 'x-amz-version-id': version } };
    }
    return conditional ? writeOnce(incoming, body) : forward(incoming, body);
  };

  const server = createServer((incoming, response) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const fault = takeFault(incoming);
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'status') {
      incoming.resume();
      return send(response, refusalOf(fault));
    }
    answer(incoming).then(
      (result) => {
        if (fault?.kind === 'answer-lost') response.destroy();
        else if (fault?.kind === 'slow') void trickle(response, result, fault.pauseMs);
        else if (fault?.kind === 'stalled-body') sendHalf(response, result);
        else if (fault?.kind === 'half-body') sendHalf(response, result, () => response.destroy());
        else send(response, result);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    hostEndpoint: `http://s3.localhost:${port}`,
    requests,
    keepVersions: () => {
      kept = new KeptVersions();
    },
    inject: (matches, ...faults) => injected.push(...faults.map((fault) => ({ matches, fault }))),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await upstream.stop();
    },
  };
}

function asked({ method, headers }: IncomingMessage): Asked {
  return { method, headers };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers);
  response.end(body);
}

function sendHalf(
  response: ServerResponse,
  { status, headers, body }: Answer,
  then: () => void = () => undefined,
): void {
  response.writeHead(status, headers);
  response.write(body.subarray(0, body.byteLength >> 1), () => setImmediate(then));
}

async function trickle(response: ServerResponse, { status, headers, body }: Answer, pauseMs: number) {
  response.writeHead(status, headers);
  const pieceBytes = Math.ceil(body.byteLength / 8);
  for (let at = 0; at < body.byteLength; at += pieceBytes) {
    await sleep(pauseMs);
    response.write(body.subarray(at, at + pieceBytes));
  }
  response.end();
}

function refusalOf({ status, location }: Fault & { readonly kind: 'status' }): Answer {
  const answer = refusal(status, status === 503 ? 'SlowDown' : 'InternalError');
  return location === undefined ? answer : { ...answer, headers: { ...answer.headers, location } };
}

function refusal(status: number, code: string): Answer {
  const body = Buffer.from(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  );
  return { status, headers: { 'content-type': 'application/xml', 'content-length': `${body.length}` }, body };
}
