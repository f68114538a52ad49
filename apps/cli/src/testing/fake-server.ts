import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { canonicalize } from '@castellan/canonical-json';
import { SubmitDocument, type DsseEnvelope } from '@castellan/contracts';

const now = '2026-11-23T12:00:00.000Z';
const person = '0199a3c4-0000-7000-8000-000000000001';
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

interface FakeVersion {
  readonly id: string;
  readonly number: number;
  stage: string;
  files: { path: string; sizeBytes: number; sha256: string }[];
  /** Coming in by pieces. */
  uploads: { id: string; path: string; lengthBytes: number; bytes: Buffer }[];
}

/**
 * Api and gateway on one port, as far as the commands' tests go: the contracts' shapes, problem+json, no rules behind them.
 * It can be told to cut an upload in the middle.
 */
export class FakeServer {
  readonly token = 'cst_test';
  readonly documents: DsseEnvelope[] = [];
  readonly versions: FakeVersion[] = [];
  readonly predictions: unknown[] = [];
  /** So many of the next uploads are cut. */
  cuts = 0;
  verdict: 'clean' | 'findings' = 'clean';
  hasPolicy = true;
  /** Stores other bytes than came. */
  lies = false;
  /** Another manifest than the digest's, as a lying server would show. */
  manifestLie = '';
  phase = 'ready';

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<FakeServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const fake = new FakeServer(server, `http://127.0.0.1:${address.port}`);
    server.on('request', (request, response) => void fake.#answer(request, response));
    return fake;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  get manifest(): string {
    return canonicalize({ model: 'digits', number: 1, files: this.versions[0]?.files ?? [] });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    const refuse = (status: number, code: string, detail: string): void =>
      send(status, { type: `urn:castellan:${code}`, title: code, status, code, detail });
    const route = `${request.method} ${request.url}`;
    if (route === 'POST /api/v1/session') {
      const { token } = JSON.parse((await bodyOf(request)).toString());
      if (token !== 'csl_link')
        return refuse(401, 'credentials_invalid', 'This link is not valid (any more).');
      return send(200, this.#me(), { 'set-cookie': 'castellan_session=css_1; Path=/; HttpOnly' });
    }
    const signedIn = request.headers.cookie === 'castellan_session=css_1';
    if (request.headers.authorization !== `Bearer ${this.token}` && !signedIn)
      return refuse(401, 'credentials_invalid', 'This key is not valid (any more).');
    if (route === 'GET /api/v1/me') return send(200, this.#me());
    if (route === `POST /api/v1/people/${person}/credentials`)
      return send(201, { id: randomUUID(), kind: 'api_key', label: 'key', secret: this.token });
    if (route === 'POST /api/v1/s3-key')
      return send(200, { accessKeyId: person, secretAccessKey: 'signs', region: 'us-east-1' });
    if (route === 'DELETE /api/v1/session') return send(204, undefined);
    if (route === 'POST /api/v1/models') return send(201, { ...this.#model() });
    if (route === 'POST /api/v1/models/digits/versions') {
      const version = {
        id: randomUUID(),
        number: this.versions.length + 1,
        stage: 'uploading',
        files: [],
        uploads: [],
      };
      this.versions.push(version);
      return send(201, this.#version(version));
    }
    const version = this.versions.find(
      ({ id, number }) => route.includes(id) || route.includes(`digits@${number}`),
    );
    if (version !== undefined) return this.#versionRoute(version, request, response, send);
    if (route === 'POST /api/v1/trust-documents') {
      const { envelope } = SubmitDocument.parse(JSON.parse((await bodyOf(request)).toString()));
      this.documents.push(envelope);
      const digest = sha256(Buffer.from(envelope.payload, 'base64'));
      return send(201, {
        digest,
        kind: 'approval',
        subject: digest,
        envelope,
        submittedBy: person,
        createdAt: now,
      });
    }
    if (route === 'GET /api/v1/trust')
      return send(200, {
        ...{ logOrigin: 'o', logVkey: 'k', caPem: 'c', officers: [], policies: [] },
        ...{ reviewerCertificates: [], revocations: [] },
      });
    if (route.startsWith('POST /api/v1/deployments')) return send(201, this.#deployment('pending'));
    if (route.startsWith('GET /api/v1/deployments/')) return send(200, this.#deployment(this.phase));
    if (route === 'POST /api/predict') {
      this.predictions.push(JSON.parse((await bodyOf(request)).toString()));
      return send(200, { output: [[0.1, 0.9]], model: 'digits', version: 1, versionDigest: 'a'.repeat(64) });
    }
    return refuse(404, 'route_unknown', `There is no ${route}.`);
  }

  async #versionRoute(
    version: FakeVersion,
    request: IncomingMessage,
    response: ServerResponse,
    send: (status: number, body: unknown) => void,
  ): Promise<void> {
    const { method, url = '' } = request;
    if (url.includes('/uploads')) return this.#uploadRoute(version, request, response, send);
    if (method === 'PUT') {
      if (this.cuts > 0) {
        this.cuts -= 1;
        request.once('data', () => request.destroy());
        return;
      }
      const bytes = await bodyOf(request);
      const path = decodeURIComponent(url.split('/files/')[1] ?? '');
      version.files.push({ path, sizeBytes: bytes.length, sha256: sha256(bytes) });
      return send(200, version.files.at(-1));
    }
    if (method === 'DELETE') {
      this.versions.splice(this.versions.indexOf(version), 1);
      response.writeHead(204).end();
      return;
    }
    if (url.endsWith('/finalize')) {
      version.stage = 'quarantined';
      return send(200, this.#version(version));
    }
    if (url.endsWith('/review')) return send(200, this.#review(version));
    if (version.stage === 'quarantined') {
      const seen = this.#version(version);
      version.stage = this.verdict === 'clean' ? 'candidate' : 'rejected';
      return send(200, seen);
    }
    return send(200, this.#version(version));
  }

  /** tus, as far as the client speaks it. A cut keeps what had come. */
  async #uploadRoute(
    version: FakeVersion,
    request: IncomingMessage,
    response: ServerResponse,
    send: (status: number, body: unknown) => void,
  ): Promise<void> {
    const { method, url = '', headers } = request;
    const shown = ({ bytes, ...upload }: FakeVersion['uploads'][number]) => ({
      ...upload,
      ...{ offsetBytes: bytes.length, createdAt: now, expiresAt: now },
    });
    if (method === 'GET') return send(200, { uploads: version.uploads.map(shown) });
    if (method === 'POST') {
      const path = Buffer.from(String(headers['upload-metadata']).split(' ')[1] ?? '', 'base64').toString();
      const lengthBytes = Number(headers['upload-length']);
      const upload = { id: randomUUID(), path, lengthBytes, bytes: Buffer.alloc(0) };
      version.uploads.push(upload);
      return send(201, shown(upload));
    }
    const upload = version.uploads.find(({ id }) => url.endsWith(id));
    if (upload === undefined) return send(404, undefined);
    if (method === 'PATCH') {
      const cut = this.cuts > 0;
      this.cuts -= cut ? 1 : 0;
      for await (const chunk of request) {
        upload.bytes = Buffer.concat([upload.bytes, chunk]);
        if (cut) return void request.destroy();
      }
      if (upload.bytes.length === upload.lengthBytes) {
        const { path, bytes } = upload;
        version.files.push({ path, sizeBytes: bytes.length, sha256: sha256(this.lies ? 'lie' : bytes) });
      }
    }
    response.writeHead(method === 'HEAD' ? 200 : 204, { 'upload-offset': upload.bytes.length }).end();
  }

  #me() {
    return {
      ...{ id: person, name: 'rita', displayName: 'Rita', organization: 'castellan' },
      roles: [{ role: 'reviewer', project: 'default' }],
    };
  }

  #model() {
    return { id: randomUUID(), name: 'digits', project: 'default', description: '', createdAt: now };
  }

  #version({ id, number, stage, files }: FakeVersion) {
    const findings = [{ code: 'lambda', severity: 'critical', path: 'digits.h5', detail: 'code inside' }];
    const settled = stage === 'candidate' || stage === 'rejected';
    return {
      ...{ id, model: 'digits', project: 'default', number, stage, author: 'ada', files, createdAt: now },
      ...(stage !== 'uploading' && { digest: sha256(this.manifest) }),
      ...(settled && {
        scan: {
          digest: 'b'.repeat(64),
          verdict: this.verdict,
          findings: this.verdict === 'clean' ? [] : findings,
        },
      }),
    };
  }

  #review(version: FakeVersion) {
    return {
      organization: 'castellan',
      version: this.#version(version),
      manifest: this.manifest + this.manifestLie,
      ...(this.hasPolicy && { policyDigest: 'c'.repeat(64) }),
      evidence: [{ kind: 'scan', sha256: 'b'.repeat(64), verdict: 'clean' }],
      evaluation: {
        allowed: false,
        reasons: [{ code: 'approval_missing', detail: 'Nobody approved it.' }],
        approvals: [],
      },
    };
  }

  #deployment(phase: string) {
    return {
      ...{
        id: randomUUID(),
        name: 'digits',
        project: 'default',
        model: 'digits',
        number: 1,
        versionId: randomUUID(),
      },
      ...{ desired: 'running', phase, createdAt: now, updatedAt: now },
      ...(phase === 'refused' && { reason: 'not_approved', message: 'Nobody approved it.' }),
    };
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
