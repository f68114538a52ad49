import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actorOf, type Actor } from '@castellan/access';
import { AuditLog } from '@castellan/audit';
import { FolderBlobStore } from '@castellan/blob-store';
import type {
  AskQuestion as AskQuestionRequest,
  CreateDataset,
  DatasetDeclaration,
  GrantedRaise,
  SubLimits,
  SynthesisRequest,
  TrainingRequest,
} from '@castellan/contracts';
import { testDatabase, type TestDatabase } from '@castellan/database';
import { SystemBits } from '@castellan/differential-privacy';
import { DataKeys, SealedStore } from '@castellan/vault';
import { KeybrokerClient } from '@castellan/keybroker-client';
import { CreateModel, ModelStore, registryRules, VersionStore } from '@castellan/registry';
import { AnswerWatch } from '../asking/answer-watch.js';
import { AskQuestion } from '../asking/ask-question.js';
import { MeasurementRequests } from '../asking/measurement-requests.js';
import { PriceQuestion } from '../asking/price-question.js';
import { DatasetStore, type DatasetRow } from '../dataset/dataset-store.js';
import { DeclareDataset } from '../dataset/declare-dataset.js';
import { FindDataset } from '../dataset/find-dataset.js';
import { SealDataset } from '../dataset/seal-dataset.js';
import { AllowedSources } from '../reference/allowed-sources.js';
import { OpenSource } from '../reference/open-source.js';
import { AdmitCharge } from '../ledger/admit-charge.js';
import { FindLimits } from '../ledger/governed-limits.js';
import { GrantedRaises } from '../ledger/granted-raises.js';
import { PrivacyLedger } from '../ledger/privacy-ledger.js';
import { SettleStaleEntries } from '../ledger/settle-stale-entries.js';
import { ShowBudget } from '../ledger/show-budget.js';
import { DuckdbEngine } from '../measurement/duckdb-engine.js';
import { MeasureQuestion } from '../measurement/measure-question.js';
import type { MeasurementEngine } from '../measurement/measurement-engine.js';
import { PrivateMeasurement } from '../measurement/private-measurement.js';
import { privacyRules } from '../privacy-rules.js';
import { ChargedWork } from '../runs/charged-work.js';
import { MeasureEntry } from '../runs/measure-entry.js';
import { RunStore, type RunRow } from '../runs/run-store.js';
import { ShowRun } from '../runs/show-run.js';
import { DownloadSynthesis } from '../synthesis/download-synthesis.js';
import { PriceSynthesis } from '../synthesis/price-synthesis.js';
import { RequestSynthesis } from '../synthesis/request-synthesis.js';
import { ShowSynthesis } from '../synthesis/show-synthesis.js';
import { SynthesizeTable } from '../synthesis/synthesize-table.js';
import { FindBase } from '../training/find-base.js';
import { JudgeTraining } from '../training/judge-training.js';
import { OpenBase } from '../training/open-base.js';
import { CancelTraining } from '../training/cancel-training.js';
import { PriceTraining } from '../training/price-training.js';
import { RequestTraining } from '../training/request-training.js';
import { ShowTraining } from '../training/show-training.js';
import { TrainModel } from '../training/train-model.js';
import { Broker, CountingKeys } from './counting-keys.js';
import { InProcessTraining, InProcessTrainings, KeptBases, KeptVersions } from './in-process-training.js';
import { wagePanelDeclaration } from './wage-panel.js';

/** Hands each request to the measuring half of this process, as a queue would, unless it is told to lose it. */
class InProcessRequests extends MeasurementRequests {
  lost = false;
  measure: (entryId: string) => Promise<void> = () => Promise.resolve();
  running: Promise<void>[] = [];

  override async request(entryId: string): Promise<void> {
    if (!this.lost) this.running.push(this.measure(entryId).catch(() => undefined));
  }
}

/** What a broker would have kept. */
export class KnownRaises extends GrantedRaises {
  readonly granted: GrantedRaise[] = [];

  override of(): Promise<readonly GrantedRaise[]> {
    return Promise.resolve(this.granted);
  }
}

/** What a declaration may name; specs write into it. */
interface Listed {
  databases: string[];
  buckets: string[];
}

/** Everything of this context on a real database and a real store; for specs. */
export class PrivacyFloor implements AsyncDisposable {
  private constructor(
    readonly test: TestDatabase,
    readonly folder: string,
    readonly projectId: string,
    readonly actor: Actor,
    readonly datasets: DatasetStore,
    readonly ledger: PrivacyLedger,
    readonly keys: CountingKeys,
    readonly requests: InProcessRequests,
    readonly sealed: SealedStore,
    readonly dataKeys: DataKeys,
    readonly audit: AuditLog,
    readonly versions: KeptVersions,
    readonly trainings: InProcessTrainings,
    readonly raises: KnownRaises,
    readonly bases: KeptBases,
    readonly listed: Listed,
    readonly sources: OpenSource,
  ) {}

  static async open(engine: MeasurementEngine = new DuckdbEngine({ threads: 2, memoryLimitMb: 512 })) {
    const test = await testDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'castellan-privacy-'));
    const { client } = test.database;
    const organization = await client.organization.create({
      data: { name: `org-${randomUUID().slice(0, 8)}` },
    });
    const project = await client.project.create({
      data: { organizationId: organization.id, name: 'default' },
    });
    const person = await client.person.create({
      data: { organizationId: organization.id, name: 'ada', displayName: 'Ada' },
    });
    const actor = actorOf(
      {
        personId: person.id,
        name: person.name,
        organizationId: organization.id,
        organizationName: organization.name,
        roles: [
          { role: 'steward', projectId: null },
          { role: 'analyst', projectId: null },
          { role: 'author', projectId: null },
        ],
        credentialId: randomUUID(),
        deployments: [],
      },
      [privacyRules, registryRules],
    );
    const store = await FolderBlobStore.open(folder);
    const broker = new Broker(test);
    const datasets = new DatasetStore(test.database);
    const ledger = new PrivacyLedger(test.database);
    const keys = new CountingKeys(datasets, broker, store);
    const requests = new InProcessRequests();
    const audit = new AuditLog(test.database);
    const measurement = new PrivateMeasurement(engine, new SystemBits());
    const raises = new KnownRaises();
    const limits = new FindLimits(raises);
    const listed: Listed = { databases: [], buckets: [] };
    const sources = new OpenSource(new AllowedSources(listed));
    const work = new ChargedWork(test.database, datasets, limits, ledger, keys, sources, audit);
    const runs = new RunStore(test.database);
    const versions = new KeptVersions();
    const trainings = new InProcessTrainings();
    const bases = new KeptBases();
    const training = new InProcessTraining();
    const openBase = new OpenBase(bases, training);
    const trainModel = new TrainModel(work, runs, training, versions, openBase, new SystemBits());
    trainings.train = (entryId) => trainModel.execute(entryId, trainings.stopping.signal);
    const measure = new MeasureEntry(
      runs,
      new MeasureQuestion(work, measurement),
      new SynthesizeTable(work, runs, new SystemBits()),
      trainings,
    );
    requests.measure = (entryId) => measure.execute(entryId);
    return new PrivacyFloor(
      test,
      folder,
      project.id,
      actor,
      datasets,
      ledger,
      keys,
      requests,
      new SealedStore(store),
      new DataKeys(broker),
      audit,
      versions,
      trainings,
      raises,
      bases,
      listed,
      sources,
    );
  }

  get allowed() {
    return new AllowedSources(this.listed);
  }

  get limits() {
    return new FindLimits(this.raises);
  }

  get charges() {
    return new AdmitCharge(this.database, this.datasets, this.limits, this.ledger, this.audit);
  }

  get database() {
    return this.test.database;
  }

  declare(
    name: string,
    limit: string,
    declaration: DatasetDeclaration = wagePanelDeclaration,
    deltaLimit?: string,
    subLimits?: SubLimits,
  ) {
    return this.declareAs({
      project: 'default',
      name,
      declaration,
      ...(declaration.accounting === 'zcdp' ? { rhoLimit: limit } : { epsilonLimit: limit }),
      ...(deltaLimit === undefined ? {} : { deltaLimit }),
      ...(subLimits === undefined ? {} : { subLimits }),
    });
  }

  declareAs(request: CreateDataset) {
    const { database, datasets, ledger, allowed, audit } = this;
    const declare = new DeclareDataset(database, datasets, ledger, allowed, audit);
    return declare.execute(this.actor, request);
  }

  seal(dataset: DatasetRow, csv: Uint8Array | string) {
    const { database, datasets, dataKeys, sealed, allowed, audit } = this;
    const seal = new SealDataset(database, datasets, dataKeys, sealed, allowed, audit);
    async function* source() {
      yield Buffer.from(csv);
    }
    return seal.execute(this.actor, dataset, source());
  }

  async sealedDataset(
    name: string,
    epsilonLimit: string,
    csv: Uint8Array | string,
    declaration?: DatasetDeclaration,
    deltaLimit?: string,
  ) {
    return this.seal(await this.declare(name, epsilonLimit, declaration, deltaLimit), csv);
  }

  ask(dataset: DatasetRow, sql: string, epsilon = '0.5', actor = this.actor, delta?: string) {
    return this.askFor(dataset, { sql, epsilon, ...(delta === undefined ? {} : { delta }) }, actor);
  }

  askFor(dataset: DatasetRow, request: AskQuestionRequest, actor = this.actor) {
    const watch = new AnswerWatch(this.ledger);
    return new AskQuestion(this.charges, this.requests, watch).execute(actor, dataset, request);
  }

  price(dataset: DatasetRow, sql: string, epsilon = '0.5', delta?: string) {
    return new PriceQuestion(this.database, this.ledger).execute(dataset, {
      sql,
      epsilon,
      ...(delta === undefined ? {} : { delta }),
    });
  }

  get runs() {
    return new RunStore(this.database);
  }

  synthesize(dataset: DatasetRow, wanted: Partial<SynthesisRequest> = {}, actor = this.actor) {
    const request = { bins: 16, rowsPerUnit: 1, epsilon: '1', ...wanted };
    return new RequestSynthesis(this.charges, this.runs, this.requests).execute(actor, dataset, request);
  }

  priceSynthesis(dataset: DatasetRow, wanted: Partial<SynthesisRequest> = {}) {
    const request = { bins: 16, rowsPerUnit: 1, epsilon: '1', ...wanted };
    return new PriceSynthesis(this.database, this.ledger).execute(dataset, request);
  }

  get syntheses() {
    return new ShowSynthesis(new ShowRun(this.database, this.runs));
  }

  download(dataset: DatasetRow, run: RunRow, rows?: number) {
    return new DownloadSynthesis(this.audit).execute(this.actor, dataset, run, rows);
  }

  /** Versions that the broker would refuse, by id. */
  readonly unapproved = new Set<string>();

  get findBase() {
    const broker = new KeybrokerClient(async (_method, _path, body) => {
      const allowed = !this.unapproved.has((body as { versionId: string }).versionId);
      const reasons = allowed
        ? []
        : [{ code: 'approval_missing', detail: 'It has 0 of 1 required approvals.' }];
      return { allowed, versionDigest: '0'.repeat(64), reasons, approvals: [] };
    });
    return new FindBase(new VersionStore(this.database), broker);
  }

  get judge() {
    return new JudgeTraining(this.database, this.syntheses, this.findBase);
  }

  train(dataset: DatasetRow, request: TrainingRequest, actor = this.actor) {
    const { charges, database, runs, requests } = this;
    const models = new CreateModel(database, new ModelStore(database), this.audit);
    return new RequestTraining(this.judge, charges, runs, requests, models).execute(actor, dataset, request);
  }

  priceTraining(dataset: DatasetRow, request: TrainingRequest) {
    return new PriceTraining(this.database, this.ledger, this.findBase).execute(this.actor, dataset, request);
  }

  cancelTraining(dataset: DatasetRow, run: RunRow) {
    const { database, ledger, runs, audit } = this;
    return new CancelTraining(database, ledger, runs, audit).execute(this.actor, dataset, run);
  }

  get showTraining() {
    return new ShowTraining(new ShowRun(this.database, this.runs));
  }

  /** Waits for everything that was asked for so far. */
  async settled(): Promise<void> {
    await Promise.all(this.requests.running);
    await Promise.all(this.trainings.running);
  }

  /** As it is shown a little later, when the last tick has passed. */
  budget(dataset: DatasetRow) {
    const later = new Date(Date.now() + 1_000);
    return new ShowBudget(this.database, this.ledger, this.limits).execute(dataset, later);
  }

  find(actor: Actor, ref: string, action?: string) {
    return new FindDataset(this.datasets).execute(actor, ref, action);
  }

  settle(ageMs: number, askAgainMs = 0) {
    const settle = new SettleStaleEntries(
      this.database,
      this.datasets,
      this.ledger,
      this.requests,
      this.audit,
    );
    return settle.execute({ askAgainMs, giveUpMs: ageMs }, new Date(Date.now() + 1));
  }

  /** Actions in the audit log about a dataset, in order. */
  async recorded(dataset: DatasetRow): Promise<string[]> {
    const rows = await this.database.client.auditOutbox.findMany({ orderBy: { id: 'asc' } });
    return rows
      .map((row) => JSON.parse(row.event) as { action: string; resource?: { id?: string } })
      .filter((event) => event.resource?.id === dataset.id)
      .map((event) => event.action);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled();
    await this.test.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
