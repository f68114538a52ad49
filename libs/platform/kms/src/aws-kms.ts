import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
  NotFoundException,
} from '@aws-sdk/client-kms';
import type { AwsKmsAddress } from './aws-kms-address.js';
import { contextDigest, disclose, enclose } from './bound-context.js';
import { KmsError } from './kms-error.js';
import { Kms } from './kms.js';

const LABEL = 'castellan/aws-kms/v1';
const IDLE_TIMEOUT_MS = 10_000;

export interface AwsKmsOptions {
  /** Default: AWS's own order of places (environment, profile, instance). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How often a request is tried. Default 3. */
  readonly maxAttempts?: number;
}

/**
 * A symmetric key in AWS KMS. The key never leaves AWS. The context goes in as encryption context, by its digest, so that it may
 * be any text. Secrets up to 4,095 bytes. Rights needed: `kms:DescribeKey`, `kms:Encrypt`, `kms:Decrypt` on the key.
 *
 * What is sealed is the service's own ciphertext blob, which names its key and stays valid when AWS rotates it.
 */
export class AwsKms extends Kms {
  private constructor(
    private readonly client: KMSClient,
    private readonly keyArn: string,
  ) {
    super();
  }

  /** Fails with `kms_key_unsuitable` (no such key, switched off, not symmetric) or `kms_unavailable`. */
  static async open(
    { region, keyId, endpoint }: AwsKmsAddress,
    options: AwsKmsOptions = {},
  ): Promise<AwsKms> {
    const { credentials, maxAttempts = 3 } = options;
    const client = new KMSClient({
      region,
      maxAttempts,
      requestHandler: { connectionTimeout: 5_000, socketTimeout: IDLE_TIMEOUT_MS },
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials !== undefined && { credentials }),
    });
    const { KeyMetadata: key } = await client
      .send(new DescribeKeyCommand({ KeyId: keyId }))
      .catch((cause: unknown) => {
        throw new KmsError(
          cause instanceof NotFoundException ? 'kms_key_unsuitable' : 'kms_unavailable',
          cause,
        );
      });
    if (key?.Arn === undefined || key.Enabled !== true || key.KeySpec !== 'SYMMETRIC_DEFAULT') {
      throw new KmsError('kms_key_unsuitable');
    }
    return new AwsKms(client, key.Arn);
  }

  override async seal(plaintext: Uint8Array, context: string): Promise<Uint8Array> {
    const enclosed = enclose(plaintext);
    try {
      const { CiphertextBlob } = await this.client.send(
        new EncryptCommand({
          KeyId: this.keyArn,
          Plaintext: enclosed,
          EncryptionContext: contextOf(context),
        }),
      );
      if (CiphertextBlob === undefined) throw new Error('the key store answered without a ciphertext');
      return CiphertextBlob;
    } catch (cause) {
      throw new KmsError('kms_unavailable', cause);
    } finally {
      enclosed.fill(0);
    }
  }

  override async unseal(sealed: Uint8Array, context: string): Promise<Uint8Array> {
    // The service wants at least a byte.
    if (sealed.byteLength === 0) throw new KmsError('kms_unseal_failed');
    const { Plaintext } = await this.client
      .send(
        new DecryptCommand({
          KeyId: this.keyArn,
          CiphertextBlob: sealed,
          EncryptionContext: contextOf(context),
        }),
      )
      .catch((cause: unknown) => {
        const refused = cause instanceof InvalidCiphertextException || cause instanceof IncorrectKeyException;
        throw refused ? new KmsError('kms_unseal_failed') : new KmsError('kms_unavailable', cause);
      });
    const secret = Plaintext === undefined ? undefined : disclose(Plaintext);
    if (secret === undefined) throw new KmsError('kms_unseal_failed');
    return secret;
  }
}

function contextOf(context: string): Record<string, string> {
  return { [LABEL]: contextDigest(LABEL, context).toString('hex') };
}
