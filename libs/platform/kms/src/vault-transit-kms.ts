import { z } from 'zod';
import { contextDigest, disclose, enclose } from './bound-context.js';
import { KmsError } from './kms-error.js';
import { Kms } from './kms.js';
import type { TransitAddress } from './transit-address.js';

const LABEL = 'castellan/vault-transit-kms/v1';
const TIMEOUT_MS = 10_000;
const SEALED = /^vault:v[1-9][0-9]{0,8}:([A-Za-z0-9+/]+={0,2})$/;

const keyAnswer = z.object({
  data: z.object({
    type: z.enum(['aes256-gcm96', 'chacha20-poly1305', 'xchacha20-poly1305']),
    derived: z.literal(true),
    convergent_encryption: z.literal(false).optional(),
    supports_encryption: z.literal(true).optional(),
    supports_decryption: z.literal(true).optional(),
  }),
});
const encryptAnswer = z.object({ data: z.object({ ciphertext: z.string().regex(SEALED) }) });
const decryptAnswer = z.object({ data: z.object({ plaintext: z.base64() }) });

/**
 * A key in the Transit engine of Vault or OpenBao. The key never leaves the server.
 *
 * The key must be `derived`: then the server derives another key for every context, and the binding survives `rewrap`, which
 * knows no associated data. A key that isn't derived ignores the context without a word, so it is refused at the start, as is
 * one that the server would have to make first. The token needs `read` on `keys/<key>`, `update` on `encrypt/<key>` and
 * `decrypt/<key>`, and no `create`. It is used as it is: whoever runs the server renews it.
 *
 * What is sealed is the server's own text, `vault:v<version>:<base64>`, in UTF-8.
 */
export class VaultTransitKms extends Kms {
  private constructor(
    private readonly address: TransitAddress,
    private readonly token: string,
  ) {
    super();
  }

  /** Fails with `kms_key_unsuitable` (no such key, not derived, convergent, another type) or `kms_unavailable`. */
  static async open(address: TransitAddress, token: string): Promise<VaultTransitKms> {
    const kms = new VaultTransitKms(address, token);
    const { status, body } = await kms.ask('GET', 'keys');
    if (status !== 200 && status !== 404) throw new KmsError('kms_unavailable', refusal(status));
    const described = keyAnswer.safeParse(body);
    if (!described.success) throw new KmsError('kms_key_unsuitable', described.error);
    return kms;
  }

  override async seal(plaintext: Uint8Array, context: string): Promise<Uint8Array> {
    const enclosed = enclose(plaintext);
    const { status, body } = await this.ask('POST', 'encrypt', {
      plaintext: enclosed.toString('base64'),
      context: contextOf(context),
    });
    enclosed.fill(0);
    const sealed = status === 200 ? encryptAnswer.safeParse(body) : undefined;
    if (sealed?.success !== true) throw new KmsError('kms_unavailable', refusal(status));
    return Buffer.from(sealed.data.data.ciphertext);
  }

  override async unseal(sealed: Uint8Array, context: string): Promise<Uint8Array> {
    const ciphertext = readSealed(sealed);
    const { status, body } = await this.ask('POST', 'decrypt', { ciphertext, context: contextOf(context) });
    // 400 is the answer to whatever does not open: another key, version or context, a changed text.
    if (status === 400) throw new KmsError('kms_unseal_failed');
    const opened = status === 200 ? decryptAnswer.safeParse(body) : undefined;
    if (opened?.success !== true) throw new KmsError('kms_unavailable', refusal(status));
    const secret = disclose(Buffer.from(opened.data.data.plaintext, 'base64'));
    if (secret === undefined) throw new KmsError('kms_unseal_failed');
    return secret;
  }

  private async ask(
    method: 'GET' | 'POST',
    operation: 'keys' | 'encrypt' | 'decrypt',
    question?: object,
  ): Promise<{ status: number; body: unknown }> {
    const { server, mount, key, namespace } = this.address;
    try {
      const answer = await fetch(`${server}/v1/${mount}/${operation}/${key}`, {
        method,
        headers: {
          'x-vault-token': this.token,
          'x-vault-request': 'true',
          ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
          ...(question !== undefined && { 'content-type': 'application/json' }),
        },
        ...(question !== undefined && { body: JSON.stringify(question) }),
        // A redirect would take the token elsewhere.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: answer.status, body: await answer.json().catch(() => undefined) };
    } catch (cause) {
      throw new KmsError('kms_unavailable', cause);
    }
  }
}

/** Other spellings of one base64 text would make other seals of one secret; the server takes them, we don't. */
function readSealed(sealed: Uint8Array): string {
  const text = Buffer.from(sealed).toString('latin1');
  const [, base64] = SEALED.exec(text) ?? [];
  if (base64 === undefined || Buffer.from(base64, 'base64').toString('base64') !== base64) {
    throw new KmsError('kms_unseal_failed');
  }
  return text;
}

function contextOf(context: string): string {
  return contextDigest(LABEL, context).toString('base64');
}

function refusal(status: number): Error {
  return new Error(`the key store answered ${status}`);
}
