import { createHash, sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { canonicalize } from '@castellan/canonical-json';
import { ProjectRootHeader, ProjectRootPackage } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { open, sealTo } from '@castellan/hpke';
import type { CmsSigner, RecipientCertificate } from '@castellan/pki';
import { z } from 'zod';
import { VaultError } from '../vault-error.js';

/* castellan.project-root/v1; the specification is libs/vault/PROJECT-ROOT.md. */

const FORMAT = 'castellan.project-root/v1';
const INFO = new TextEncoder().encode(FORMAT);
const KEY_BYTES = 32;
const Names = z.array(z.string());

/** What is sealed: private halves in the order of the header's keys, and what was destroyed at the sender's. */
export interface ProjectRootContent {
  /** 32 bytes each. Whoever holds them wipes them. */
  readonly privateKeys: readonly Buffer[];
  /** `<version|model|project>/<id>`. */
  readonly destroyed: readonly string[];
}

/** A package as it was read: nothing of it is verified. */
export interface ReadProjectRoot {
  readonly header: ProjectRootHeader;
  /** SHA-256 of what is signed: the package's name. */
  readonly digest: string;
  readonly envelope: ProjectRootPackage;
}

/** Seals a project's keys to a certificate's key, and signs the whole. The content's buffers stay the caller's. */
export function sealProjectRoot(
  header: ProjectRootHeader,
  { privateKeys, destroyed }: ProjectRootContent,
  { publicKey }: RecipientCertificate,
  signer: CmsSigner & { readonly authorityPem: string },
): ProjectRootPackage {
  const text = canonicalize(header);
  const plaintext = Buffer.concat([...privateKeys, Buffer.from(JSON.stringify(destroyed))]);
  const sealed = sealTo(publicKey, INFO, Buffer.from(text), plaintext);
  plaintext.fill(0);
  const claims = {
    format: FORMAT,
    header: text,
    enc: Buffer.from(sealed.enc).toString('base64'),
    ciphertext: Buffer.from(sealed.ciphertext).toString('base64'),
  } as const;
  const signature = sign('sha256', signedBytes(claims), signer.privateKeyPem).toString('base64');
  return { ...claims, signature, certificates: [signer.certificatePem, signer.authorityPem] };
}

/** @throws VaultError `root_package_malformed` */
export function readProjectRoot(envelope: ProjectRootPackage): ReadProjectRoot {
  const header = ProjectRootHeader.safeParse(parsed(envelope.header));
  if (!header.success || canonicalize(header.data) !== envelope.header)
    throw refused('root_package_malformed', 'The package’s header is not that of a project’s keys.');
  const digest = createHash('sha256').update(signedBytes(envelope)).digest('hex');
  return { header: header.data, digest, envelope };
}

/**
 * That the sender's platform made the package as it is.
 *
 * @param sender SHA-256 of that platform's authority (DER), which somebody has compared over another channel
 * @throws VaultError `root_package_untrusted` for another sender or any changed byte
 */
export function requireSender({ envelope }: ReadProjectRoot, sender: string): void {
  const [signer, authority] = envelope.certificates.map(certificateFrom);
  if (signer === undefined || authority === undefined || sha256(authority.raw) !== sender)
    throw untrusted('It does not come from the platform whose authority was stated.');
  if (!signer.checkIssued(authority) || !signer.verify(authority.publicKey))
    throw untrusted('Its signer is not certified by the platform that it claims to come from.');
  const signature = Buffer.from(envelope.signature, 'base64');
  if (!verify('sha256', signedBytes(envelope), signer.publicKey, signature))
    throw untrusted('It was changed after it was signed.');
}

/** @throws VaultError `root_package_unopened` for another recipient's key or a changed package; all look alike */
export function openProjectRoot(
  { header, envelope }: ReadProjectRoot,
  privateKey: KeyObject,
): ProjectRootContent {
  const plaintext = opened(envelope, privateKey);
  try {
    const end = header.keys.length * KEY_BYTES;
    if (plaintext.length < end) throw unopened();
    const privateKeys = header.keys.map((_, n) =>
      Buffer.from(plaintext.subarray(n * KEY_BYTES, (n + 1) * KEY_BYTES)),
    );
    return { privateKeys, destroyed: Names.parse(parsed(plaintext.subarray(end).toString())) };
  } finally {
    plaintext.fill(0);
  }
}

function opened({ enc, header, ciphertext }: ProjectRootPackage, privateKey: KeyObject): Buffer {
  try {
    const bytes = Buffer.from(ciphertext, 'base64');
    return open(privateKey, Buffer.from(enc, 'base64'), INFO, Buffer.from(header), bytes);
  } catch (cause) {
    if (cause instanceof CastellanError) throw unopened(cause);
    throw cause;
  }
}

function signedBytes({
  format,
  header,
  enc,
  ciphertext,
}: Pick<ProjectRootPackage, 'format' | 'header' | 'enc' | 'ciphertext'>): Buffer {
  return Buffer.from(canonicalize({ format, header, enc, ciphertext }));
}

function certificateFrom(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function untrusted(reason: string): VaultError {
  return refused('root_package_untrusted', `The package can not be believed. ${reason}`);
}

function unopened(cause?: unknown): VaultError {
  return refused(
    'root_package_unopened',
    'The package does not open with the key of this certificate.',
    cause,
  );
}

function refused(
  code: 'root_package_malformed' | 'root_package_untrusted' | 'root_package_unopened',
  publicDetail: string,
  cause?: unknown,
): VaultError {
  const kind = code === 'root_package_malformed' ? 'invalid' : 'forbidden';
  return new VaultError(code, { kind, publicDetail, cause });
}
