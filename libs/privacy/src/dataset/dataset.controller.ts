import type { Readable } from 'node:stream';
import { type Actor, CurrentActor, visible } from '@castellan/access';
import {
  Budget,
  ConfirmClassification as ConfirmRequest,
  CreateDataset,
  Dataset,
  DatasetList,
  ReconcileBudget as ReconcileRequest,
  DenialList,
} from '@castellan/contracts';
import { BodyStream, Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Post, Put } from '@nestjs/common';
import { ConfirmClassification } from '../classification/confirm-classification.js';
import { ReconcileBudget } from '../ledger/reconcile-budget.js';
import { ShowBudget } from '../ledger/show-budget.js';
import { ShowDenials } from '../ledger/show-denials.js';
import { DatasetStore } from './dataset-store.js';
import { DeclareDataset } from './declare-dataset.js';
import { FindDataset } from './find-dataset.js';
import { RenewData } from './renew-data.js';
import { SealDataset } from './seal-dataset.js';
import { showDataset } from './show-dataset.js';

/** Protected datasets and their ledgers. `:dataset` is an id or a name. */
@Controller('api/v1/datasets')
export class DatasetController {
  constructor(
    private readonly datasets: DatasetStore,
    private readonly find: FindDataset,
    private readonly declareDataset: DeclareDataset,
    private readonly sealDataset: SealDataset,
    private readonly renewData: RenewData,
    private readonly showBudget: ShowBudget,
    private readonly showDenials: ShowDenials,
    private readonly confirmClassification: ConfirmClassification,
    private readonly reconcileBudget: ReconcileBudget,
  ) {}

  @Post()
  @Endpoint({
    permission: 'create:Dataset',
    summary: 'Declare a protected dataset: columns, privacy unit, bounds and budget',
    input: CreateDataset,
    output: Dataset,
    status: 201,
  })
  async create(@Body() request: CreateDataset, @CurrentActor() actor: Actor): Promise<Dataset> {
    return showDataset(await this.declareDataset.execute(actor, request));
  }

  @Get()
  @Endpoint({ permission: 'read:Dataset', summary: 'List protected datasets', output: DatasetList })
  async list(@CurrentActor() actor: Actor): Promise<DatasetList> {
    const datasets = await this.datasets.visible(visible(actor, 'Dataset'));
    return { datasets: datasets.map(showDataset) };
  }

  @Get(':dataset')
  @Endpoint({ permission: 'read:Dataset', summary: 'Show a protected dataset', output: Dataset })
  async show(@Param('dataset') ref: string, @CurrentActor() actor: Actor): Promise<Dataset> {
    return showDataset(await this.find.execute(actor, ref));
  }

  @Put(':dataset/content')
  @Endpoint({
    permission: 'seal:Dataset',
    summary:
      'Seal the table (CSV with a header line, JSON lines or Parquet, as declared) of a declared dataset, or the login (JSON) for one that stays elsewhere',
    output: Dataset,
    stream: true,
  })
  async seal(
    @Param('dataset') ref: string,
    @BodyStream() body: Readable,
    @CurrentActor() actor: Actor,
  ): Promise<Dataset> {
    const dataset = await this.find.execute(actor, ref, 'seal');
    return showDataset(await this.sealDataset.execute(actor, dataset, body));
  }

  @Post(':dataset/data-versions')
  @Endpoint({
    permission: 'seal:Dataset',
    summary:
      'Say that a table which stays elsewhere is other data now: questions are answered anew, and charged',
    output: Dataset,
  })
  async renew(@Param('dataset') ref: string, @CurrentActor() actor: Actor): Promise<Dataset> {
    const dataset = await this.find.execute(actor, ref, 'seal');
    return showDataset(await this.renewData.execute(actor, dataset));
  }

  @Put(':dataset/classification')
  @Endpoint({
    permission: 'classify:Dataset',
    summary: 'Say which personal data each column holds',
    input: ConfirmRequest,
    output: Dataset,
  })
  async classify(
    @Param('dataset') ref: string,
    @Body() request: ConfirmRequest,
    @CurrentActor() actor: Actor,
  ): Promise<Dataset> {
    const dataset = await this.find.execute(actor, ref, 'classify');
    return showDataset(await this.confirmClassification.execute(actor, dataset, request));
  }

  @Post(':dataset/budget/reconciliation')
  @Endpoint({
    permission: 'reconcile:Dataset',
    summary: 'After a restore: charge what was spent since the backup, and let questions be answered again',
    input: ReconcileRequest,
    output: Budget,
  })
  async reconcile(
    @Param('dataset') ref: string,
    @Body() request: ReconcileRequest,
    @CurrentActor() actor: Actor,
  ): Promise<Budget> {
    const dataset = await this.find.execute(actor, ref, 'reconcile');
    await this.reconcileBudget.execute(actor, dataset, request);
    return this.showBudget.execute(dataset);
  }

  @Get(':dataset/budget')
  @Endpoint({ permission: 'read:Dataset', summary: 'The privacy ledger of a dataset', output: Budget })
  async budget(@Param('dataset') ref: string, @CurrentActor() actor: Actor): Promise<Budget> {
    return this.showBudget.execute(await this.find.execute(actor, ref));
  }

  @Get(':dataset/denials')
  @Endpoint({
    permission: 'read:Dataset',
    summary: 'Questions that the budget of a dataset did not hold, newest first',
    output: DenialList,
  })
  async denials(@Param('dataset') ref: string, @CurrentActor() actor: Actor): Promise<DenialList> {
    return this.showDenials.execute(await this.find.execute(actor, ref));
  }
}
