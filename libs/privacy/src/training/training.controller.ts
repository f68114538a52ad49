import { type Actor, CurrentActor } from '@castellan/access';
import { Training, TrainingList, TrainingPrice, TrainingRequest } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { FindDataset } from '../dataset/find-dataset.js';
import { CancelTraining } from './cancel-training.js';
import { PriceTraining } from './price-training.js';
import { RequestTraining } from './request-training.js';
import { ShowTraining } from './show-training.js';

/** Models trained on protected datasets: first the price, then a job, then a version to be reviewed. */
@Controller('api/v1/datasets/:dataset/trainings')
export class TrainingController {
  constructor(
    private readonly find: FindDataset,
    private readonly priceTraining: PriceTraining,
    private readonly requestTraining: RequestTraining,
    private readonly cancelTraining: CancelTraining,
    private readonly showTraining: ShowTraining,
  ) {}

  @Post('price')
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'What a training would cost and how much noise its steps would get',
    input: TrainingRequest,
    output: TrainingPrice,
  })
  async price(
    @Param('dataset') ref: string,
    @Body() request: TrainingRequest,
    @CurrentActor() actor: Actor,
  ): Promise<TrainingPrice> {
    return this.priceTraining.execute(actor, await this.find.execute(actor, ref, 'ask'), request);
  }

  @Post()
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'Have a model trained with differential privacy; it is charged to the ledger',
    input: TrainingRequest,
    output: Training,
    status: 202,
  })
  async request(
    @Param('dataset') ref: string,
    @Body() request: TrainingRequest,
    @CurrentActor() actor: Actor,
  ): Promise<Training> {
    const dataset = await this.find.execute(actor, ref, 'ask');
    return this.showTraining.show(dataset, await this.requestTraining.execute(actor, dataset, request));
  }

  @Get()
  @Endpoint({ permission: 'read:Dataset', summary: 'List trainings', output: TrainingList })
  async list(@Param('dataset') ref: string, @CurrentActor() actor: Actor): Promise<TrainingList> {
    return { trainings: await this.showTraining.list(await this.find.execute(actor, ref)) };
  }

  @Get(':training')
  @Endpoint({ permission: 'read:Dataset', summary: 'Show a training and its progress', output: Training })
  async show(
    @Param('dataset') ref: string,
    @Param('training') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<Training> {
    const dataset = await this.find.execute(actor, ref);
    return this.showTraining.show(dataset, await this.showTraining.find(dataset, id));
  }

  @Post(':training/cancel')
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'Stop a training; one that has started stays charged',
    output: Training,
  })
  async cancel(
    @Param('dataset') ref: string,
    @Param('training') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<Training> {
    const dataset = await this.find.execute(actor, ref, 'ask');
    await this.cancelTraining.execute(actor, dataset, await this.showTraining.find(dataset, id));
    return this.showTraining.show(dataset, await this.showTraining.find(dataset, id));
  }
}
