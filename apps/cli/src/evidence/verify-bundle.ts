import { readFile } from 'node:fs/promises';
import type { KeyObject } from 'node:crypto';
import { keyIdOf } from '@castellan/dsse';
import { readManifest, type CountedApproval, type Refusal } from '@castellan/approval-policy';
import { BundleIndex } from '@castellan/contracts';
import { UsageError } from '../usage-error.js';
import { checkAuditRecords, openBundleCheckpoint, type ProvenRecord } from './audit-records.js';
import { BundleArchive } from './bundle-archive.js';
import { verifyCms, type CmsSigner } from './cms-signature.js';
import { recomputeDecision } from './decision.js';
import { readDocuments } from './documents.js';
import { EvidenceError, Faults, type Fault } from './fault.js';
import type { OfficerPin } from './officer-pin.js';
import { readPublicKeys } from './public-keys.js';
import { checkSums } from './sums.js';
import { checkTimeStamp, TIME_STAMP, type ProvenTime } from './time-stamp.js';

/** What the verifier brings along. Whatever isn't pinned is taken from the bundle, and the report says so. */
export interface Pins {
  readonly officers: readonly OfficerPin[];
  /** The CA certificate as it was given to the verifier. */
  readonly caPem?: string | undefined;
  /** CA certificate of the time-stamp authority. */
  readonly timeCaPem?: string | undefined;
}

export interface Verification {
  readonly ok: boolean;
  readonly version?: {
    readonly model: string;
    readonly number: number;
    readonly digest: string;
    readonly exportedAt: string;
  };
  /** What the documents say about serving this version when the bundle was made. */
  readonly decision?: {
    readonly allowed: boolean;
    readonly reasons: readonly Refusal[];
    readonly approvals: readonly CountedApproval[];
  };
  readonly signer?: CmsSigner;
  readonly officers: readonly { readonly keyId: string; readonly pinned: boolean }[];
  readonly caPinned: boolean;
  readonly log?: {
    readonly origin: string;
    readonly size: string;
    readonly records: readonly ProvenRecord[];
    readonly timestamp?: ProvenTime;
  };
  readonly faults: readonly Fault[];
}

export async function verifyBundleFile(
  file: string,
  pins: {
    readonly officers: readonly OfficerPin[];
    readonly caFile?: string | undefined;
    readonly timeCaFile?: string | undefined;
  },
): Promise<Verification> {
  const [caPem, timeCaPem] = await Promise.all([pins.caFile, pins.timeCaFile].map(readGiven));
  const faults = new Faults();
  const archive = await faults.guard(file, () => BundleArchive.read(file));
  if (archive === undefined) return { ok: false, officers: [], caPinned: false, faults: faults.all };
  return verifyBundle(archive, { officers: pins.officers, caPem, timeCaPem });
}

/**
 * Checks a bundle with nothing but itself and what the verifier brings: sums, CMS signature, manifest, documents and their
 * signatures, the decision from the documents alone, records and checkpoint. Names every fault; throws for none of them.
 *
 * It can't see what was never put in: a newer policy or a revocation after the export.
 */
export async function verifyBundle(archive: BundleArchive, pins: Pins): Promise<Verification> {
  const faults = new Faults();
  await checkSums(archive, faults);
  const index = await faults.guard('bundle.json', () => parseIndex(archive.text('bundle.json')));
  if (index === undefined)
    return { ok: false, officers: [], caPinned: pins.caPem !== undefined, faults: faults.all };

  const signer = await faults.guard('SHA256SUMS.cms', () => checkSignature(archive, index, pins.caPem));
  const manifest = await faults.guard('manifest.json', () => checkManifest(archive, index));
  const scanReport = await faults.guard('scan-report.json', () => archive.text('scan-report.json'));
  const keys = await readPublicKeys(archive, faults);
  const documents = await readDocuments(archive, index, keys, faults);
  const officers = await believedOfficers(index, keys, pins.officers, faults);
  const decision =
    manifest === undefined || scanReport === undefined
      ? undefined
      : await recomputeDecision({ index, manifest, scanReport, documents, officers }, faults);
  const checkpoint = await faults.guard('audit/checkpoint.txt', () => openBundleCheckpoint(archive, index));
  const records = checkpoint && (await checkAuditRecords(archive, index, faults, checkpoint));
  const timestamp =
    checkpoint && (await faults.guard(TIME_STAMP, () => checkTimeStamp(archive, checkpoint, pins.timeCaPem)));
  const pinned = new Set(pins.officers.map(({ keyId }) => keyId));
  return {
    ok: faults.all.length === 0,
    version: {
      model: index.model,
      number: index.number,
      digest: index.versionDigest,
      exportedAt: index.exportedAt,
    },
    ...(decision && {
      decision: {
        allowed: decision.allowed,
        reasons: decision.allowed ? [] : decision.reasons,
        approvals: decision.countedApprovals,
      },
    }),
    ...(signer && { signer }),
    officers: officers.map(keyIdOf).map((keyId) => ({ keyId, pinned: pinned.has(keyId) })),
    caPinned: pins.caPem !== undefined,
    log: {
      origin: index.logOrigin,
      size: index.treeSize,
      records: records ?? [],
      ...(timestamp && { timestamp }),
    },
    faults: faults.all,
  };
}

async function checkSignature(
  archive: BundleArchive,
  index: BundleIndex,
  pinned?: string,
): Promise<CmsSigner> {
  const own = archive.text('ca.pem');
  if (pinned !== undefined && pinned.trim() !== own.trim())
    throw new EvidenceError('ca_mismatch', 'ca.pem is not the CA certificate that you were given.');
  return verifyCms(
    archive.text('SHA256SUMS.cms'),
    archive.bytes('SHA256SUMS'),
    own,
    new Date(index.exportedAt),
  );
}

function checkManifest(archive: BundleArchive, { versionDigest, model, number }: BundleIndex): string {
  const text = archive.text('manifest.json');
  const manifest = readManifest(text, versionDigest);
  if (manifest.model === model && manifest.number === number) return text;
  throw new EvidenceError('manifest_mismatch', `It is the manifest of ${manifest.model}@${manifest.number}.`);
}

/** With pins: those officers alone, a fault when one of them isn't an officer of this bundle. Without: the bundle's own. */
async function believedOfficers(
  index: BundleIndex,
  keys: ReadonlyMap<string, KeyObject>,
  pins: readonly OfficerPin[],
  faults: Faults,
): Promise<KeyObject[]> {
  const believed = pins.length > 0 ? pins : index.officers;
  const found: KeyObject[] = [];
  for (const pin of believed) {
    const key = ('key' in pin ? pin.key : undefined) ?? keys.get(pin.keyId);
    if (key !== undefined && index.officers.some(({ keyId }) => keyId === pin.keyId)) found.push(key);
    else faults.add('officer_unknown', 'bundle.json', `The officer ${pin.keyId} is none of this bundle's.`);
  }
  return found;
}

function parseIndex(text: string): BundleIndex {
  try {
    return BundleIndex.parse(JSON.parse(text));
  } catch (cause) {
    throw new EvidenceError(
      'index_malformed',
      'It is not the index of an evidence bundle of this release.',
      cause,
    );
  }
}

async function readGiven(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} can't be read.`, cause);
  }
}
