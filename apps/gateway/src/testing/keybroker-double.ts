import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  EnrollRequest,
  EvaluationRequest,
  MakePersonKeyRequest,
  type Evaluation,
} from '@castellan/contracts';
import { generateKeyPair } from '@castellan/hpke';
import { mutualTlsServerOptions, peerOf, type TlsIdentity } from '@castellan/http';
import { CertificateAuthority, createCsr } from '@castellan/pki';

const hourMs = 3_600_000;

/** The keybroker as a gateway meets it: it enrols whoever asks, and judges as the test says. */
export class KeybrokerDouble {
  readonly evaluations = new Map<string, Evaluation>();

  private constructor(
    private readonly authority: CertificateAuthority,
    private readonly server: Server,
  ) {}

  static async start(): Promise<KeybrokerDouble> {
    const authority = await CertificateAuthority.create({
      commonName: 'Doubles',
      ttlMs: hourMs,
      now: new Date(),
    });
    const server = createServer(
      mutualTlsServerOptions(await certify(authority, 'keybroker', 'double'), 'optional'),
    );
    const broker = new KeybrokerDouble(authority, server);
    server.on('request', (request, response) => void broker.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return broker;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get ca(): string {
    return this.authority.certificatePem;
  }

  certify(role: string, name: string): Promise<TlsIdentity> {
    return certify(this.authority, role, name);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    response.setHeader('content-type', 'application/json');
    if (request.url === '/v1/enroll') {
      const { role, name, csr } = EnrollRequest.parse(body);
      const certificate = this.authority.signCsr(csr, { role, name, ttlMs: hourMs, now: new Date() });
      response.end(JSON.stringify({ certificate, ca: this.ca }));
      return;
    }
    if (request.url === '/v1/person-keys') {
      const { personId } = MakePersonKeyRequest.parse(body);
      const publicKey = Buffer.from(generateKeyPair().publicKey).toString('base64');
      response.end(JSON.stringify({ personId, publicKey, sealedPrivate: '' }));
      return;
    }
    const evaluation = this.evaluations.get(EvaluationRequest.parse(body).versionId);
    const allowed = peerOf(request.socket)?.role === 'gateway' && evaluation !== undefined;
    response.statusCode = allowed ? 200 : 403;
    response.end(JSON.stringify(allowed ? evaluation : {}));
  }
}

async function certify(authority: CertificateAuthority, role: string, name: string): Promise<TlsIdentity> {
  const { csrPem, privateKeyPem } = await createCsr(name);
  const cert = authority.signCsr(csrPem, { role, name, ttlMs: hourMs, now: new Date() });
  return { ca: authority.certificatePem, cert, key: privateKeyPem };
}
