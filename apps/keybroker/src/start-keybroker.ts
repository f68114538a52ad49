import { Server as TlsServer } from 'node:tls';
import {
  AuditLog,
  AuditReader,
  CheckpointAuthority,
  ExpiryAuthority,
  systemClock,
  type Clock,
} from '@castellan/audit';
import { PrismaDatabase, type Database, type DatabaseConfig } from '@castellan/database';
import { createHttpApp, mutualTlsServerOptions, type HttpApp, type HttpAppOptions } from '@castellan/http';
import type { Kms, KmsConfig } from '@castellan/kms';
import { RewrapThreads } from '@castellan/vault';
import { RaiseBudget } from './budget/raise-budget.js';
import { SealedCheckpointMemory } from './checkpoint/sealed-checkpoint-memory.js';
import { CarryOutDestruction } from './destruction/carry-out-destruction.js';
import { OrderedDestructions } from './destruction/ordered-destructions.js';
import { EnrollProcess, PROCESS_CERTIFICATE_TTL_MS } from './enrollment/enroll-process.js';
import { JoinTokens } from './enrollment/join-tokens.js';
import { ownCertificate } from './enrollment/own-certificate.js';
import { ForwardingKeys } from './export/forwarding-keys.js';
import { S3Secrets } from './export/s3-secrets.js';
import { SignExport } from './export/sign-export.js';
import { KeyMemory } from './keys/key-memory.js';
import { PersonKeys } from './keys/person-keys.js';
import { ProjectKeys } from './keys/project-keys.js';
import { RetireKey } from './keys/retire-key.js';
import { RewrapDataKeys } from './keys/rewrap-data-keys.js';
import type { KeybrokerConfig } from './keybroker.config.js';
import { KeybrokerModule, type UseCases } from './keybroker.module.js';
import { openKms } from './open-kms.js';
import { JudgeDataRequest } from './release/judge-data-request.js';
import { JudgeVersion } from './release/judge-version.js';
import { Leases } from './release/leases.js';
import { PermitRelease } from './release/permit-release.js';
import { ProveRecorded } from './release/prove-recorded.js';
import { ReleaseKeys } from './release/release-keys.js';
import { RequestRate } from './request-rate.js';
import { SealDataKeys } from './release/seal-data-keys.js';
import { SubjectRecords } from './release/subject-records.js';
import { openRoot } from './root/open-root.js';
import { writeDestroyedList, writePublicFiles } from './root/public-files.js';
import type { Root } from './root/root.js';
import type { State } from './state/state-folder.js';
import { ExportRoot } from './transfer/export-root.js';
import { ImportRoot } from './transfer/import-root.js';
import { OrderedExports } from './transfer/ordered-exports.js';
import { RootRecipients } from './transfer/root-recipients.js';
import { DescribeTrust } from './trust/describe-trust.js';
import { HonourDocument } from './trust/honour-document.js';
import { HonouredDocuments } from './trust/honoured-documents.js';

/** How long a release waits for the log to cover its event. */
const PROOF_TIMEOUT_MS = 10_000;

/** How many wrong join tokens are answered, and recorded, in a minute. */
const FAILED_ENROLLMENTS_PER_MINUTE = 60;

export interface KeybrokerSettings {
  readonly keybroker: KeybrokerConfig;
  readonly database: DatabaseConfig;
  /** Default: the local key store. */
  readonly kms?: KmsConfig;
}

export interface RunningKeybroker {
  readonly url: string;
  close(): Promise<void>;
}

export interface KeybrokerOptions {
  readonly clock?: Clock;
  readonly proofTimeoutMs?: number;
  readonly logger?: HttpAppOptions['logger'];
}

/** Opens the folder, the key store and the database, and answers over mutual TLS. */
export async function startKeybroker(
  settings: KeybrokerSettings,
  { clock = systemClock, proofTimeoutMs = PROOF_TIMEOUT_MS, logger }: KeybrokerOptions = {},
): Promise<RunningKeybroker> {
  const { folder, officersFile, host, port } = settings.keybroker;
  const kms = await openKms(settings.keybroker, settings.kms);
  const { root, state } = await openRoot(folder, kms, officersFile, clock);
  await writePublicFiles(folder, root);
  const database = new PrismaDatabase(settings.database);
  const threads = new RewrapThreads();
  const parts = { settings, kms, root, state, database, clock, proofTimeoutMs, threads };
  const useCases = await composeUseCases(parts);

  const tls = await ownCertificate(root.authority, clock.now());
  const app = await createHttpApp(KeybrokerModule.around(useCases), {
    tls: mutualTlsServerOptions(tls, 'optional'),
    ...(logger === undefined ? {} : { logger }),
    readiness: () => ({ database: () => database.ping() }),
  });
  const { url } = await app.listen({ host, port });
  const renewal = renewOwnCertificate(app, root, clock);
  return {
    url,
    close: async () => {
      clearInterval(renewal);
      await app.close();
      await threads.close();
      await database.close();
    },
  };
}

interface Parts {
  readonly settings: KeybrokerSettings;
  readonly kms: Kms;
  readonly root: Root;
  readonly state: State;
  readonly database: Database;
  readonly clock: Clock;
  readonly proofTimeoutMs: number;
  readonly threads: RewrapThreads;
}

async function composeUseCases(parts: Parts): Promise<UseCases> {
  const { settings, kms, root, state, database, clock, proofTimeoutMs, threads } = parts;
  const { joinTokens, leaseMs, releasesPerMinute, destructionWaitMs, retentionMinima } = settings.keybroker;
  const checkpoints = await SealedCheckpointMemory.open(state.checkpoint);
  const audit = new AuditLog(database, clock);
  const records = new SubjectRecords(database);
  const documents = await HonouredDocuments.open(state.documents, root.officers, clock);
  const memory = await KeyMemory.open(state.keys, (destroyed) =>
    writeDestroyedList(settings.keybroker.folder, root, destroyed),
  );
  const projectKeys = new ProjectKeys(database, kms, audit, memory);
  const personKeys = new PersonKeys(kms, audit, memory);
  const judgeVersion = new JudgeVersion(records, documents, memory, clock);
  const journal = new ProveRecorded(
    audit,
    new AuditReader(database),
    root.logSigner.verifierKey,
    proofTimeoutMs,
  );
  const ordered = new OrderedDestructions(documents, memory, clock, destructionWaitMs);
  const judgeDataRequest = new JudgeDataRequest(records, documents, clock);
  const releaseKeys = new ReleaseKeys(
    new RequestRate(releasesPerMinute, clock),
    new PermitRelease(records, judgeVersion, judgeDataRequest),
    new SealDataKeys(records, projectKeys, memory),
    journal,
    audit,
    new Leases(leaseMs, clock),
  );
  return {
    enrollProcess: new EnrollProcess(
      new JoinTokens(joinTokens),
      new RequestRate(FAILED_ENROLLMENTS_PER_MINUTE, clock),
      root.authority,
      audit,
      clock,
    ),
    projectKeys,
    personKeys,
    rewrapDataKeys: new RewrapDataKeys(database, projectKeys, memory, threads, audit),
    retireKey: new RetireKey(database, projectKeys, audit, clock),
    orderedDestructions: ordered,
    carryOutDestruction: new CarryOutDestruction(
      database,
      ordered,
      memory,
      personKeys,
      journal,
      root.exportSigner,
      clock,
    ),
    ...transferUseCases(parts, { documents, memory, projectKeys, journal, audit }),
    honourDocument: new HonourDocument(documents, audit, database, clock),
    describeTrust: new DescribeTrust(root, documents),
    judgeVersion,
    judgeDataRequest,
    raiseBudget: new RaiseBudget(records, judgeDataRequest, documents, audit, clock),
    releaseKeys,
    checkpointAuthority: new CheckpointAuthority(root.logSigner, checkpoints),
    expiryAuthority: new ExpiryAuthority(database, root.logSigner, checkpoints, retentionMinima, clock),
    forwardingKeys: new ForwardingKeys(state.stateKey, audit),
    s3Secrets: new S3Secrets(state.stateKey, audit),
    signExport: new SignExport(root.exportSigner, audit, clock),
  };
}

interface Shared {
  readonly documents: HonouredDocuments;
  readonly memory: KeyMemory;
  readonly projectKeys: ProjectKeys;
  readonly journal: ProveRecorded;
  readonly audit: AuditLog;
}

function transferUseCases(
  { kms, root, database, clock }: Parts,
  { documents, memory, projectKeys, journal, audit }: Shared,
): Pick<UseCases, 'orderedExports' | 'exportRoot' | 'rootRecipients' | 'importRoot'> {
  const orderedExports = new OrderedExports(documents, clock);
  const rootRecipients = new RootRecipients(database, kms, root.authority, audit, clock);
  const signer = { ...root.exportSigner, authorityPem: root.authority.certificatePem };
  return {
    orderedExports,
    exportRoot: new ExportRoot(database, orderedExports, projectKeys, memory, journal, signer, clock),
    rootRecipients,
    importRoot: new ImportRoot(rootRecipients, projectKeys, memory, journal, audit),
  };
}

function renewOwnCertificate(app: HttpApp, { authority }: Root, clock: Clock): NodeJS.Timeout {
  const renew = async (): Promise<void> => {
    const server: unknown = app.nest.getHttpServer();
    if (!(server instanceof TlsServer)) throw new Error('the keybroker does not speak TLS');
    server.setSecureContext(mutualTlsServerOptions(await ownCertificate(authority, clock.now()), 'optional'));
  };
  return setInterval(() => void renew(), PROCESS_CERTIFICATE_TTL_MS / 2).unref();
}
