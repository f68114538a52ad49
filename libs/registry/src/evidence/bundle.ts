import { createPublicKey } from 'node:crypto';
import type { BundleIndex, DocumentKind, Evaluation, InclusionProof, TrustRoot } from '@castellan/contracts';
import type { TimestampedCheckpoint } from '@castellan/audit';
import { canonicalize } from '@castellan/canonical-json';
import { payloadBytes, preAuthenticationEncoding, type Envelope } from '@castellan/dsse';
import { formatLogProof } from '@castellan/merkle-log';
import { parseNote, VerifierKey } from '@castellan/signed-note';
import { type BundleFile, textFile } from './bundle-file.js';
import { readme, verifyScript } from './instructions.js';

export interface BundleDocument {
  readonly digest: string;
  readonly kind: DocumentKind;
  readonly envelope: Envelope;
}

export interface BundleLeaf {
  readonly eventId: string;
  readonly action: string;
  readonly proof: InclusionProof;
}

export interface BundleParts {
  readonly model: string;
  readonly number: number;
  readonly versionDigest: string;
  readonly manifest: string;
  readonly scanReport: string;
  readonly exportedAt: Date;
  readonly trust: TrustRoot;
  readonly evaluation: Evaluation;
  readonly documents: readonly BundleDocument[];
  /** PEM public keys by key id: officers and certified reviewers. */
  readonly publicKeys: ReadonlyMap<string, string>;
  /** All proved against `checkpoint`. */
  readonly leaves: readonly BundleLeaf[];
  readonly checkpoint: string;
  /** When somebody else's clock saw an earlier state of the log, if it did. */
  readonly timestamp?: TimestampedCheckpoint;
}

/** Everything a bundle holds but its sums and their signature. The layout is in contracts (`evidence.ts`). */
export function bundleFiles(parts: BundleParts): BundleFile[] {
  return [
    textFile('README.txt', readme(parts)),
    textFile('verify.sh', verifyScript),
    textFile('ca.pem', parts.trust.caPem),
    textFile('bundle.json', canonicalize(indexOf(parts))),
    textFile('manifest.json', parts.manifest),
    textFile('scan-report.json', parts.scanReport),
    ...parts.documents.flatMap(documentFiles),
    ...[...parts.publicKeys].map(([keyId, pem]) => textFile(`keys/${keyId}.pem`, pem)),
    ...logFiles(parts),
    ...parts.leaves.flatMap(({ proof }) => leafFiles(proof, parts.checkpoint)),
    ...(parts.timestamp === undefined ? [] : timestampFiles(parts.timestamp)),
  ];
}

function indexOf(parts: BundleParts): BundleIndex {
  const { trust, evaluation } = parts;
  return {
    format: 'castellan.evidence/v1',
    model: parts.model,
    number: parts.number,
    versionDigest: parts.versionDigest,
    exportedAt: parts.exportedAt.toISOString(),
    logOrigin: trust.logOrigin,
    treeSize: parts.checkpoint.split('\n')[1] ?? '',
    officers: trust.officers.map(({ keyId, name }) => ({ keyId, name })),
    documents: parts.documents.map(({ digest, kind }) => ({ digest, kind })),
    leaves: parts.leaves.map(({ eventId, action, proof }) => ({ index: proof.index, eventId, action })),
    evaluation: { allowed: evaluation.allowed, reasons: evaluation.reasons },
  };
}

function documentFiles({ digest, envelope }: BundleDocument): BundleFile[] {
  const payload = payloadBytes(envelope);
  return [
    textFile(`documents/${digest}.dsse.json`, JSON.stringify(envelope)),
    { path: `documents/${digest}.payload.json`, bytes: payload },
    { path: `documents/${digest}.pae`, bytes: preAuthenticationEncoding(envelope.payloadType, payload) },
    ...envelope.signatures.map(({ keyid, sig }, n) => ({
      path: `documents/${digest}.${n}.${keyid}.sig`,
      bytes: Buffer.from(sig, 'base64'),
    })),
  ];
}

/** A checkpoint from earlier, the token over it, and the proof that the log of this bundle continues it. */
function timestampFiles({ checkpoint, token, hashes }: TimestampedCheckpoint): BundleFile[] {
  const proof = hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  return [
    textFile('audit/timestamp/checkpoint.txt', checkpoint),
    { path: 'audit/timestamp/token.tst', bytes: token },
    textFile('audit/timestamp/consistency.txt', proof),
  ];
}

/** The checkpoint as a note, and taken apart for openssl: signed text, bare Ed25519 signature, key as PEM. */
function logFiles({ trust, checkpoint }: BundleParts): BundleFile[] {
  const { text, signatures } = parseNote(checkpoint);
  const key = VerifierKey.parse(trust.logVkey);
  const own = signatures.find(({ name, keyId }) => name === key.name && keyId === key.keyId);
  return [
    textFile('audit/log.vkey', `${trust.logVkey}\n`),
    textFile('audit/checkpoint.txt', checkpoint),
    textFile('audit/checkpoint.signed', text),
    { path: 'audit/checkpoint.sig', bytes: own?.signature ?? new Uint8Array() },
    textFile('audit/log.pem', ed25519Pem(key.publicKey)),
  ];
}

function leafFiles({ index, leaf, hashes }: InclusionProof, checkpoint: string): BundleFile[] {
  const proof = {
    index: Number(index),
    hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
    checkpoint,
  };
  return [
    textFile(`audit/${index}.leaf.json`, leaf),
    textFile(`audit/${index}.tlog-proof`, formatLogProof(proof)),
  ];
}

function ed25519Pem(raw: Uint8Array): string {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
}
