import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { CertificateAuthority, createCsr, type CmsSigner } from '@castellan/pki';
import { NoteSigner } from '@castellan/signed-note';
import { z } from 'zod';
import { officerOf, type Officer } from './pinned-officers.js';

const AUTHORITY_TTL_MS = 10 * 365 * 86_400_000;

const PemPair = z.strictObject({ certificatePem: z.string(), privateKeyPem: z.string() });
/** A log that is not gone on with: its key is destroyed, what it signed stands. */
const ClosedLog = z.strictObject({
  vkey: z.string(),
  /** The last note that it signed. */
  lastCheckpoint: z.string().optional(),
  closedAt: z.string(),
  reason: z.string(),
});
export type ClosedLog = z.infer<typeof ClosedLog>;

const RootText = z.strictObject({
  format: z.literal('castellan.keybroker.root/v1'),
  officers: z.array(z.strictObject({ name: z.string(), publicKey: z.string() })).min(1),
  logSigner: z.string(),
  authority: PemPair,
  exportSigner: PemPair,
  /** Logs that this platform has closed, oldest first. */
  closedLogs: z.array(ClosedLog).optional(),
});

/** What the broker is, from its first start on: whom it believes, and the keys by which others know it. */
export interface Root {
  readonly officers: readonly Officer[];
  /** Signs checkpoints; its name is the log's origin. */
  readonly logSigner: NoteSigner;
  readonly authority: CertificateAuthority;
  /** Signs exports, with a certificate of its own. */
  readonly exportSigner: CmsSigner;
  readonly closedLogs: readonly ClosedLog[];
}

/** Makes the keys of a new platform and pins its officers. The text is secret: it is only ever written sealed. */
export async function createRoot(officers: readonly Officer[], now: Date): Promise<string> {
  const logSigner = newLogSigner();
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

/** The same platform with another log. The key of the one before is in nobody's hands any more. */
export function withNewLog(text: string, closed: Omit<ClosedLog, 'vkey'>): { text: string; root: Root } {
  const before = RootText.parse(JSON.parse(text));
  const vkey = NoteSigner.parse(before.logSigner).verifierKey.toString();
  const after: z.infer<typeof RootText> = {
    ...before,
    logSigner: newLogSigner().exportSecret(),
    closedLogs: [...(before.closedLogs ?? []), { vkey, ...closed }],
  };
  return { text: JSON.stringify(after), root: readRoot(JSON.stringify(after)) };
}

function newLogSigner(): NoteSigner {
  return new NoteSigner(`castellan.local/audit/${randomUUID()}`, generateKeyPairSync('ed25519').privateKey);
}

export function readRoot(text: string): Root {
  const { officers, logSigner, authority, exportSigner, closedLogs = [] } = RootText.parse(JSON.parse(text));
  return {
    officers: officers.map(({ name, publicKey }) => officerOf(publicKey, name)),
    logSigner: NoteSigner.parse(logSigner),
    authority: CertificateAuthority.load(authority.certificatePem, authority.privateKeyPem),
    exportSigner,
    closedLogs,
  };
}
