import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const question = z.object({
  plaintext: z.string().optional(),
  ciphertext: z.string().optional(),
  context: z.string().optional(),
});

export interface TransitServer {
  /** `host:port`, plain HTTP. */
  readonly host: string;
  /** Every request answers with this status from now on; undefined: as it should. */
  failWith: number | undefined;
  close(): Promise<void>;
}

/**
 * The part of Vault's and OpenBao's Transit engine that a key store uses, on the wire as there: mount `transit`, token `token`,
 * the keys `root` and `other` (derived), `flat` (not derived) and `same` (convergent).
 */
export async function startTransitServer(): Promise<TransitServer> {
  const keys = new Map(['root', 'other', 'flat', 'same'].map((name) => [name, randomBytes(32)]));

  const describe = (name: string) => ({
    name,
    type: 'aes256-gcm96',
    derived: name !== 'flat',
    convergent_encryption: name === 'same',
    supports_encryption: true,
    supports_decryption: true,
    supports_derivation: true,
    exportable: false,
    latest_version: 1,
    keys: { 1: 1_770_000_000 },
  });

  const derive = (name: string, key: Buffer, context: string | undefined) => {
    if (name === 'flat') return key;
    if (!context) throw new Refusal(400, "missing 'context' for key derivation");
    return Buffer.from(hkdfSync('sha256', key, '', Buffer.from(context, 'base64'), 32));
  };

  const encrypt = (key: Buffer, plaintext: string) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const text = [iv, cipher.update(Buffer.from(plaintext, 'base64')), cipher.final(), cipher.getAuthTag()];
    return { ciphertext: `vault:v1:${Buffer.concat(text).toString('base64')}`, key_version: 1 };
  };

  const decrypt = (key: Buffer, ciphertext: string) => {
    const [, version, base64] = /^vault:v(\d+):(.*)$/s.exec(ciphertext) ?? [];
    if (base64 === undefined) throw new Refusal(400, 'invalid ciphertext: no prefix');
    if (version !== '1') throw new Refusal(400, 'invalid ciphertext: version is too new');
    const text = Buffer.from(base64, 'base64');
    if (text.byteLength < 28) throw new Refusal(400, 'invalid ciphertext');
    const decipher = createDecipheriv('aes-256-gcm', key, text.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(text.subarray(-16));
    try {
      const plaintext = Buffer.concat([decipher.update(text.subarray(12, -16)), decipher.final()]);
      return { plaintext: plaintext.toString('base64') };
    } catch {
      throw new Refusal(400, 'cipher: message authentication failed');
    }
  };

  const answer = async (request: IncomingMessage): Promise<object> => {
    if (server.failWith !== undefined) throw new Refusal(server.failWith, 'Vault is sealed');
    if (request.headers['x-vault-token'] !== 'token') throw new Refusal(403, 'permission denied');
    const [, operation = '', name = ''] = /^\/v1\/transit\/(\w+)\/(\w+)$/.exec(request.url ?? '') ?? [];
    const key = keys.get(name);
    if (operation === 'keys' && request.method === 'GET') {
      if (key === undefined) throw new Refusal(404);
      return describe(name);
    }
    if (key === undefined) throw new Refusal(400, 'encryption key not found');
    const { plaintext = '', ciphertext = '', context } = question.parse(await json(request));
    if (operation === 'encrypt') return encrypt(derive(name, key, context), plaintext);
    if (operation === 'decrypt') return decrypt(derive(name, key, context), ciphertext);
    throw new Refusal(404);
  };

  const http = createServer((request, response) => {
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    answer(request).then(
      (data) => send(200, { request_id: 'r', lease_id: '', renewable: false, lease_duration: 0, data }),
      (error: unknown) =>
        error instanceof Refusal ? send(error.status, { errors: error.errors }) : send(500, { errors: [] }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const server: TransitServer = {
    host: `127.0.0.1:${port}`,
    failWith: undefined,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

class Refusal extends Error {
  readonly errors: readonly string[];

  constructor(
    readonly status: number,
    ...errors: string[]
  ) {
    super(errors.join());
    this.errors = errors;
  }
}
