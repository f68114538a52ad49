import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { CertificateAuthority, createCsr, type CmsSigner } from '@castellan/pki';
import { NoteSigner } from '@castellan/signed-note';
import { z } from 'zod';
import { officerOf, type Officer } from './pinned-officers.js';

const AUTHORITY_TTL_MS = 10 * 365 * 86_400_000;

const PemPair = z.strictObject({ certificatePem: z.string(), privateKeyPem: z.string() });
const RootText = z.strictObject({
  format: z.literal('castellan.keybroker.root/v1'),
  officers: z.array(z.strictObject({ name: z.string(), publicKey: z.string() })).min(1),
  logSigner: z.string(),
  authority: PemPair,
  exportSigner: PemPair,
});

/** What the broker is, from its first start on: whom it believes, and the keys by which others know it. */
export interface Root {
  readonly officers: readonly Officer[];
  /** Signs checkpoints; its name is the log's origin. */
  readonly logSigner: NoteSigner;
  readonly authority: CertificateAuthority;
  /** Signs exports, with a certificate of its own. */
  readonly exportSigner: CmsSigner;
}

/** Makes the keys of a new platform and pins its officers. The text is secret: it is only ever written sealed. */
export async function createRoot(officers: readonly Officer[], now: Date): Promise<string> {
  const logSigner = new NoteSigner(
    `castellan.local/audit/${randomUUID()}`,
    generateKeyPairSync('ed25519').privateKey,
  );
  const authority = await CertificateAuthority.create({
    commonName: 'Castellan platform authority',
    ttlMs: AUTHORITY_TTL_MS,
    now,
  });
  const { csrPem, privateKeyPem } = await createCsr('Castellan exports');
  const certificatePem = authority.signExportSignerCsr(csrPem, { commonName: 'Castellan exports', now });
  const text: z.infer<typeof RootText> = {
    format: 'castellan.keybroker.root/v1',
    officers: officers.map(({ name, publicKey }) => ({ name, publicKey })),
    logSigner: logSigner.exportSecret(),
    authority: { certificatePem: authority.certificatePem, privateKeyPem: authority.privateKeyPem },
    exportSigner: { certificatePem, privateKeyPem },
  };
  return JSON.stringify(text);
}

export function readRoot(text: string): Root {
  const { officers, logSigner, authority, exportSigner } = RootText.parse(JSON.parse(text));
  return {
    officers: officers.map(({ name, publicKey }) => officerOf(publicKey, name)),
    logSigner: NoteSigner.parse(logSigner),
    authority: CertificateAuthority.load(authority.certificatePem, authority.privateKeyPem),
    exportSigner,
  };
}
