import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { canonicalize } from '@castellan/canonical-json';
import { z } from 'zod';

const question = z.object({
  KeyId: z.string(),
  Plaintext: z.base64().optional(),
  CiphertextBlob: z.base64().optional(),
  EncryptionContext: z.record(z.string(), z.string()).optional(),
});

export interface AwsKmsServer {
  readonly endpoint: string;
  /** The next requests fail so: status and AWS's name for it. */
  readonly failures: [status: number, type: string][];
  close(): Promise<void>;
}

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/';

/**
 * The part of AWS KMS that a key store uses, on the wire as there (JSON 1.1, `X-Amz-Target: TrentService.…`): keys `root` and
 * `other`, `off` (switched off) and `rsa`. It doesn't check signatures; the client that makes them is AWS's own.
 */
export async function startAwsKmsServer(): Promise<AwsKmsServer> {
  const keys = new Map(['root', 'other', 'off', 'rsa'].map((name) => [ARN + name, randomBytes(32)]));
  const failures: [number, string][] = [];

  const aadOf = (context: Record<string, string> = {}) => Buffer.from(canonicalize(context));

  const encrypt = (arn: string, key: Buffer, asked: z.infer<typeof question>) => {
    const plaintext = Buffer.from(asked.Plaintext ?? '', 'base64');
    if (plaintext.length < 1 || plaintext.length > 4096) throw new Refusal(400, 'ValidationException');
    const iv = randomBytes(12);
    const name = Buffer.from(arn);
    const aad = Buffer.concat([name, aadOf(asked.EncryptionContext)]);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(aad);
    const blob = [
      Buffer.of(name.length),
      name,
      iv,
      cipher.update(plaintext),
      cipher.final(),
      cipher.getAuthTag(),
    ];
    return {
      CiphertextBlob: Buffer.concat(blob).toString('base64'),
      KeyId: arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  };

  const decrypt = (arn: string, asked: z.infer<typeof question>) => {
    const blob = Buffer.from(asked.CiphertextBlob ?? '', 'base64');
    if (blob.length < 1) throw new Refusal(400, 'ValidationException');
    const ivAt = 1 + (blob[0] ?? 0);
    const named = blob.subarray(1, ivAt).toString('latin1');
    const key = keys.get(named);
    if (key === undefined || blob.length < ivAt + 28) throw new Refusal(400, 'InvalidCiphertextException');
    if (named !== arn) throw new Refusal(400, 'IncorrectKeyException');
    const aad = Buffer.concat([Buffer.from(named), aadOf(asked.EncryptionContext)]);
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(ivAt, ivAt + 12), {
      authTagLength: 16,
    });
    decipher.setAAD(aad).setAuthTag(blob.subarray(-16));
    try {
      const plaintext = Buffer.concat([decipher.update(blob.subarray(ivAt + 12, -16)), decipher.final()]);
      return {
        Plaintext: plaintext.toString('base64'),
        KeyId: arn,
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    } catch {
      throw new Refusal(400, 'InvalidCiphertextException');
    }
  };

  const answer = async (request: IncomingMessage): Promise<object> => {
    const asked = question.parse(await json(request));
    const failure = failures.shift();
    if (failure !== undefined) throw new Refusal(...failure);
    const arn = asked.KeyId.startsWith(ARN) ? asked.KeyId : ARN + asked.KeyId.replace(/^alias\//, '');
    const key = keys.get(arn);
    if (key === undefined) throw new Refusal(400, 'NotFoundException');
    switch (request.headers['x-amz-target']) {
      case 'TrentService.DescribeKey':
        return {
          KeyMetadata: {
            Arn: arn,
            KeyId: arn.slice(ARN.length),
            Enabled: !arn.endsWith('/off'),
            KeyUsage: 'ENCRYPT_DECRYPT',
            KeySpec: arn.endsWith('/rsa') ? 'RSA_2048' : 'SYMMETRIC_DEFAULT',
          },
        };
      case 'TrentService.Encrypt':
        return encrypt(arn, key, asked);
      case 'TrentService.Decrypt':
        return decrypt(arn, asked);
      default:
        throw new Refusal(400, 'UnknownOperationException');
    }
  };

  const http = createServer((request, response) => {
    const send = (status: number, body: object) =>
      response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
        .end(JSON.stringify(body));
    answer(request).then(
      (body) => send(200, body),
      (error: unknown) =>
        error instanceof Refusal
          ? send(error.status, { __type: error.type, message: error.type })
          : send(500, { __type: 'KMSInternalException', message: 'error' }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    failures,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
  ) {
    super(type);
  }
}
