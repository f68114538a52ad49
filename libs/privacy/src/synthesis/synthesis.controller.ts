import { type Actor, CurrentActor } from '@castellan/access';
import {
  Synthesis,
  SynthesisFigures,
  SynthesisList,
  SynthesisPrice,
  SynthesisRequest,
  SyntheticTableQuery,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Header, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { FindDataset } from '../dataset/find-dataset.js';
import { DownloadSynthesis } from './download-synthesis.js';
import { MadeSynthesis } from './made-synthesis.js';
import { PriceSynthesis } from './price-synthesis.js';
import { RequestSynthesis } from './request-synthesis.js';
import { ShowSynthesis } from './show-synthesis.js';

/** Synthetic tables of protected datasets: first the price, then a job, then as many downloads as anybody likes. */
@Controller('api/v1/datasets/:dataset/syntheses')
export class SynthesisController {
  constructor(
    private readonly find: FindDataset,
    private readonly priceSynthesis: PriceSynthesis,
    private readonly requestSynthesis: RequestSynthesis,
    private readonly showSynthesis: ShowSynthesis,
    private readonly downloadSynthesis: DownloadSynthesis,
  ) {}

  @Post('price')
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'What a synthetic table would cost and how noisy its counts would be',
    input: SynthesisRequest,
    output: SynthesisPrice,
  })
  async price(
    @Param('dataset') ref: string,
    @Body() request: SynthesisRequest,
    @CurrentActor() actor: Actor,
  ): Promise<SynthesisPrice> {
    return this.priceSynthesis.execute(await this.find.execute(actor, ref, 'ask'), request);
  }

  @Post()
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'Have a synthetic table made; it is charged to the ledger',
    input: SynthesisRequest,
    output: Synthesis,
    status: 202,
  })
  async request(
    @Param('dataset') ref: string,
    @Body() request: SynthesisRequest,
    @CurrentActor() actor: Actor,
  ): Promise<Synthesis> {
    const dataset = await this.find.execute(actor, ref, 'ask');
    return this.showSynthesis.show(dataset, await this.requestSynthesis.execute(actor, dataset, request));
  }

  @Get()
  @Endpoint({ permission: 'read:Dataset', summary: 'List synthetic tables', output: SynthesisList })
  async list(@Param('dataset') ref: string, @CurrentActor() actor: Actor): Promise<SynthesisList> {
    return { syntheses: await this.showSynthesis.list(await this.find.execute(actor, ref)) };
  }

  @Get(':synthesis')
  @Endpoint({ permission: 'read:Dataset', summary: 'Show a synthetic table and its card', output: Synthesis })
  async show(
    @Param('dataset') ref: string,
    @Param('synthesis') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<Synthesis> {
    const dataset = await this.find.execute(actor, ref);
    return this.showSynthesis.show(dataset, await this.showSynthesis.find(dataset, id));
  }

  @Get(':synthesis/figures')
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'Released noisy counts beside those of the synthetic table',
    output: SynthesisFigures,
  })
  async figures(
    @Param('dataset') ref: string,
    @Param('synthesis') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<SynthesisFigures> {
    const dataset = await this.find.execute(actor, ref, 'ask');
    return new MadeSynthesis(dataset, await this.showSynthesis.find(dataset, id)).figures();
  }

  @Get(':synthesis/table')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Endpoint({
    permission: 'ask:Dataset',
    summary: 'Download the synthetic table (CSV)',
    query: SyntheticTableQuery,
  })
  async table(
    @Param('dataset') ref: string,
    @Param('synthesis') id: string,
    @Query() { rows }: SyntheticTableQuery,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const dataset = await this.find.execute(actor, ref, 'ask');
    const run = await this.showSynthesis.find(dataset, id);
    const table = await this.downloadSynthesis.execute(actor, dataset, run, rows);
    reply.header('content-disposition', `attachment; filename="${dataset.name}-synthetic.csv"`);
    return table;
  }
}
