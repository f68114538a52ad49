import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const config = `
[tsa]
default_tsa = t
[t]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamp]
extendedKeyUsage = critical,timeStamping
[peer]
extendedKeyUsage = serverAuth
[req]
distinguished_name = dn
prompt = no
[dn]
CN = spec
`;

/** A real time-stamp authority: \`openssl ts\` behind an HTTP port. For specs. */
export class TestAuthority {
  /** Instead of stamping: this. */
  broken: Buffer | undefined;

  private constructor(
    private readonly server: Server,
    readonly folder: string,
    readonly url: string,
    readonly caPem: string,
  ) {}

  /** @throws when there is no openssl */
  static async start(): Promise<TestAuthority> {
    const folder = await mkdtemp(join(tmpdir(), 'castellan-tsa-'));
    await writeFile(join(folder, 'tsa.cnf'), config);
    await writeFile(join(folder, 'serial'), '01\n');
    const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', 'tsa.cnf'];
    await openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      '/CN=Spec time CA',
      '-extensions',
      'ca',
      '-days',
      '30',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    await openssl('req', ...key, '-subj', '/CN=Spec time stamps', '-keyout', 'tsa.key', '-out', 'tsa.csr');
    await openssl(
      'x509',
      '-req',
      '-in',
      'tsa.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '30',
      '-extfile',
      'tsa.cnf',
      '-extensions',
      'stamp',
      '-out',
      'tsa.pem',
    );
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const caPem = await readFile(join(folder, 'ca.pem'), 'utf8');
    const authority = new TestAuthority(server, folder, `http://127.0.0.1:${address.port}/tsa`, caPem);
    server.on('request', async (request: IncomingMessage, response) => {
      const reply = authority.broken ?? (await authority.#stamp(Buffer.concat(await request.toArray())));
      response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply);
    });
    return authority;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true });
  }

  async #stamp(query: Buffer): Promise<Buffer> {
    await writeFile(join(this.folder, 'query.tsq'), query);
    const args = ['ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', '-out', 'reply.tsr'];
    await run('openssl', args, { cwd: this.folder });
    return readFile(join(this.folder, 'reply.tsr'));
  }
}
