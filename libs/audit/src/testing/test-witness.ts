import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { emptyRoot, equalHashes, verifyConsistency, type TreeHead } from '@castellan/merkle-log';
import { CosignerKey, openCheckpoint, parseNote, type VerifierKey } from '@castellan/signed-note';
import type { Witness } from '../witness/witness.js';

const NAME = 'witness.example/spec';

/** A witness of one log that does what C2SP tlog-witness asks, in memory. For specs, where there is no foreign one. */
export class TestWitness {
  /** Instead of answering: this status. */
  broken: number | undefined;
  /** Signs something else than it was shown. */
  lying = false;
  readonly #keys = generateKeyPairSync('ed25519');
  #seen: TreeHead = { size: 0, root: emptyRoot() };

  private constructor(
    private readonly server: Server,
    private readonly log: VerifierKey,
    readonly url: string,
  ) {}

  static async start(log: VerifierKey): Promise<TestWitness> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const witness = new TestWitness(server, log, `http://127.0.0.1:${address.port}`);
    server.on('request', async (request: IncomingMessage, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const { status, type = 'text/plain', text = '' } = witness.#answer(body);
      response.writeHead(status, { 'content-type': type }).end(text);
    });
    return witness;
  }

  get witness(): Witness {
    return { url: this.url, key: CosignerKey.parse(this.#vkey()) };
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  #answer(body: string): { status: number; type?: string; text?: string } {
    if (this.broken !== undefined) return { status: this.broken };
    const at = body.indexOf('\n\n');
    const [old = '', ...proof] = body.slice(0, at).split('\n');
    const note = body.slice(at + 2);
    const oldSize = Number(old.replace(/^old /, ''));
    const next = openCheckpoint(note, this.log.name, [this.log]);
    if (oldSize > next.size) return { status: 400 };
    if (oldSize !== this.#seen.size)
      return { status: 409, type: 'text/x.tlog.size', text: `${this.#seen.size}\n` };
    if (oldSize === next.size && !equalHashes(next.root, this.#seen.root)) return { status: 409 };
    try {
      const hashes = proof.map((line) => new Uint8Array(Buffer.from(line, 'base64')));
      verifyConsistency(
        { oldSize, oldRoot: this.#seen.root, newSize: next.size, newRoot: next.root },
        hashes,
      );
    } catch {
      return { status: 422 };
    }
    this.#seen = next;
    return { status: 200, text: this.#cosign(parseNote(note).text) };
  }

  #cosign(text: string): string {
    const seconds = BigInt(Math.floor(Date.now() / 1_000));
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(seconds);
    const message = `cosignature/v1\ntime ${seconds}\n${this.lying ? 'another' : ''}${text}`;
    const signature = sign(null, Buffer.from(message), this.#keys.privateKey);
    return `\u2014 ${NAME} ${Buffer.concat([this.#keyId(), time, signature]).toString('base64')}\n`;
  }

  #vkey(): string {
    return `${NAME}+${this.#keyId().toString('hex')}+${this.#typedKey().toString('base64')}`;
  }

  #keyId(): Buffer {
    return createHash('sha256').update(`${NAME}\n`).update(this.#typedKey()).digest().subarray(0, 4);
  }

  #typedKey(): Buffer {
    const { x = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url')]);
  }
}
