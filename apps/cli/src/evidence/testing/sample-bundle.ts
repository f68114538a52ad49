import { createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import {
  approvalPayload,
  policyPayload,
  readTrustDocument,
  reviewerCertificatePayload,
  revocationPayload,
} from '@castellan/approval-policy';
import { canonicalize } from '@castellan/canonical-json';
import type { BundleIndex, DocumentKind } from '@castellan/contracts';
import {
  IN_TOTO_PAYLOAD_TYPE,
  keyIdOf,
  payloadBytes,
  preAuthenticationEncoding,
  signEnvelope,
  type Envelope,
} from '@castellan/dsse';
import { formatLogProof, leafHash, nodeHash } from '@castellan/merkle-log';
import { CertificateAuthority, cmsSign, createCsr } from '@castellan/pki';
import { formatCheckpoint, NoteSigner, signNote } from '@castellan/signed-note';
import { sha256 } from '../sums.js';

const ORIGIN = 'castellan.local/audit/sample';

const MADE_AT = new Date('2026-11-01T00:00:00Z');
const DAY_MS = 86_400_000;

/** A certificate authority and the certificate that signs bundles, as the keybroker would hold them. */
export interface Platform {
  readonly caPem: string;
  sign(content: string): string;
  /** Signs as another process of the platform does, which has no business with bundles. */
  signAsPeer(content: string): string;
}

export async function newPlatform(): Promise<Platform> {
  const ca = await CertificateAuthority.create({
    commonName: 'sample ca',
    ttlMs: 3650 * DAY_MS,
    now: MADE_AT,
  });
  const exporter = await createCsr('castellan export signer');
  const peer = await createCsr('worker');
  const exporterPem = ca.signExportSignerCsr(exporter.csrPem, { commonName: 'export signer', now: MADE_AT });
  const identity = { role: 'worker', name: 'cpu-0' } as const;
  const peerPem = ca.signCsr(peer.csrPem, { ...identity, ttlMs: 90 * DAY_MS, now: MADE_AT });
  const signer = (certificatePem: string, privateKeyPem: string) => (content: string) =>
    cmsSign(Buffer.from(content), { certificatePem, privateKeyPem }, new Date('2026-11-23T13:00:00Z'));
  return {
    caPem: ca.certificatePem,
    sign: signer(exporterPem, exporter.privateKeyPem),
    signAsPeer: signer(peerPem, peer.privateKeyPem),
  };
}

export interface SampleOptions {
  readonly platform: Platform;
  readonly officer: KeyObject;
  readonly reviewer: KeyObject;
  readonly revoked?: boolean;
  /** What the server claims; default: the truth. */
  readonly claimsAllowed?: boolean;
  /** The key under which the certificate is signed; default: the officer's. */
  readonly certifiedBy?: KeyObject;
  readonly author?: string;
}

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** A true bundle, made from the specification in contracts and not with the exporter's code; signed with real keys. */
export function sampleFiles(options: SampleOptions): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const put = (path: string, content: string | Uint8Array): unknown => files.set(path, Buffer.from(content));
  const { officer, reviewer } = options;
  const scope = { organization: 'castellan', project: 'default' };
  const manifest = canonicalize({
    format: 'castellan.manifest/v1',
    ...scope,
    model: 'digits',
    number: 1,
    author: options.author ?? 'ada',
    createdAt: '2026-11-23T10:00:00.000Z',
    files: [{ path: 'digits.h5', sizeBytes: 12, sha256: sha256('digits') }],
  });
  const versionDigest = sha256(manifest);
  const scanReport = canonicalize({ format: 'castellan.scan/v1', versionDigest, verdict: 'clean' });
  const publicKey = createPublicKey(reviewer).export({ type: 'spki', format: 'pem' }).toString();
  const certificatePayload = reviewerCertificatePayload({
    ...{
      keyId: keyIdOf(reviewer),
      organization: scope.organization,
      projects: ['default'],
      roles: ['reviewer'],
    },
    ...{ person: 'rita', publicKey, serial: randomUUID() },
    ...{ notBefore: '2026-11-01T00:00:00.000Z', notAfter: '2027-11-01T00:00:00.000Z' },
  });
  const policy = policyPayload({
    ...{ ...scope, version: 1, quorum: [{ role: 'reviewer', count: 1 }] },
    ...{ gates: { scan: 'clean' }, approvalMaxAgeDays: 90 },
  });
  const approval = approvalPayload(
    { name: 'digits@1', versionDigest },
    {
      ...{ decision: 'approve', ...scope, person: 'rita', policyDigest: sha256(policy), reason: 'good' },
      evidence: [{ kind: 'scan', sha256: sha256(scanReport), verdict: 'clean' }],
      ...{ issuedAt: '2026-11-23T11:00:00.000Z', expiresAt: '2027-01-01T00:00:00.000Z', nonce: randomUUID() },
    },
  );
  const documents: [DocumentKind, Envelope][] = [
    ['reviewer-certificate', seal(certificatePayload, options.certifiedBy ?? officer)],
    ['policy', seal(policy, officer)],
    ['approval', seal(approval, reviewer)],
  ];
  if (options.revoked === true) {
    const revocation = { target: 'version', ...scope, person: 'rita', reason: 'drift' } as const;
    const subject = { name: 'digits@1', sha256: versionDigest };
    documents.push([
      'revocation',
      seal(revocationPayload(subject, { ...revocation, issuedAt: '2026-11-23T12:00:00.000Z' }), reviewer),
    ]);
  }
  for (const [, envelope] of documents) putDocument(envelope, put);
  for (const key of [officer, reviewer])
    put(`keys/${keyIdOf(key)}.pem`, createPublicKey(key).export({ type: 'spki', format: 'pem' }));

  const leaves = ['version.finalized', 'evidence.exported'].map((action) =>
    canonicalize({
      id: randomUUID(),
      time: '2026-11-23T12:30:00.000Z',
      action,
      resource: { id: versionDigest },
    }),
  );
  const log = putLog(leaves, put);
  const index: BundleIndex = {
    ...{ format: 'castellan.evidence/v1', model: 'digits', number: 1, versionDigest },
    ...{ exportedAt: '2026-11-23T13:00:00.000Z', logOrigin: ORIGIN, treeSize: '2' },
    officers: [{ keyId: keyIdOf(officer), name: 'officer' }],
    documents: documents.map(([kind, envelope]) => ({ kind, digest: readTrustDocument(envelope).digest })),
    leaves: log,
    evaluation: { allowed: options.claimsAllowed ?? options.revoked !== true, reasons: [] },
  };
  put('README.txt', 'How to check this.\n');
  put('ca.pem', options.platform.caPem);
  put('bundle.json', canonicalize(index));
  put('manifest.json', manifest);
  put('scan-report.json', scanReport);
  signSums(files, options.platform);
  return files;
}

/** Lists and signs the files as they are now, as an operator who owns the platform's key could. */
export function signSums(files: Map<string, Buffer>, platform: Pick<Platform, 'sign'>): void {
  files.delete('SHA256SUMS');
  files.delete('SHA256SUMS.cms');
  const sums = [...files].map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`).join('');
  files.set('SHA256SUMS', Buffer.from(sums));
  files.set('SHA256SUMS.cms', Buffer.from(platform.sign(sums)));
}

function seal(payload: Uint8Array, key: KeyObject): Envelope {
  return signEnvelope(IN_TOTO_PAYLOAD_TYPE, payload, key);
}

function putDocument(envelope: Envelope, put: (path: string, content: string | Uint8Array) => unknown): void {
  const payload = payloadBytes(envelope);
  const digest = sha256(payload);
  put(`documents/${digest}.dsse.json`, JSON.stringify(envelope));
  put(`documents/${digest}.payload.json`, payload);
  put(`documents/${digest}.pae`, preAuthenticationEncoding(envelope.payloadType, payload));
  envelope.signatures.forEach(({ keyid, sig }, n) =>
    put(`documents/${digest}.${n}.${keyid}.sig`, Buffer.from(sig, 'base64')),
  );
}

function putLog(
  leaves: readonly string[],
  put: (path: string, content: string | Uint8Array) => unknown,
): BundleIndex['leaves'] {
  const signer = new NoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
  const hashes = leaves.map((leaf) => leafHash(Buffer.from(leaf)));
  const [first, second] = hashes;
  if (first === undefined || second === undefined) throw new Error('the sample log has two leaves');
  const root = nodeHash(first, second);
  const checkpoint = signNote(formatCheckpoint({ origin: ORIGIN, size: 2, root, extensions: [] }), [signer]);
  put('audit/checkpoint.txt', checkpoint);
  put('audit/log.vkey', `${signer.verifierKey.toString()}\n`);
  return leaves.map((leaf, index) => {
    const sibling = index === 0 ? second : first;
    put(`audit/${index}.leaf.json`, leaf);
    put(`audit/${index}.tlog-proof`, formatLogProof({ index, hashes: [sibling], checkpoint }));
    const { id, action }: { id: string; action: string } = JSON.parse(leaf);
    return { index: String(index), eventId: id, action };
  });
}
