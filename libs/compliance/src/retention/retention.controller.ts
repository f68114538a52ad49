import { type Actor, CurrentActor, requireAbility } from '@castellan/access';
import {
  ExpiryPreview,
  ExpiryRun,
  ExpiryRunList,
  PreviewExpiry as PreviewRequest,
  Retention,
  RetentionScope,
  SetRetention as SetRequest,
} from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import { ExpiryRunStore } from './expiry-run-store.js';
import { PreviewExpiry } from './preview-expiry.js';
import { RequestExpiry } from './request-expiry.js';
import { RetentionMinima } from './retention-minima.js';
import { RetentionStore } from './retention-store.js';
import { type Scope, scopeOf } from './scope.js';
import { SetRetention } from './set-retention.js';
import { showRetention, showRun } from './show-retention.js';

@Controller('api/v1/audit/retention')
export class RetentionController {
  constructor(
    private readonly retention: RetentionStore,
    private readonly minima: RetentionMinima,
    private readonly setRetention: SetRetention,
    private readonly previewExpiry: PreviewExpiry,
    private readonly requestExpiry: RequestExpiry,
    private readonly runs: ExpiryRunStore,
  ) {}

  @Get()
  @Endpoint({
    permission: 'read:RetentionPolicy',
    summary: 'For how long events are kept, by class',
    query: RetentionScope,
    output: Retention,
  })
  async show(@Query() query: RetentionScope, @CurrentActor() actor: Actor): Promise<Retention> {
    return showRetention(await this.retention.find(readable(actor, query)), this.minima.days);
  }

  @Put()
  @Endpoint({
    permission: 'change:RetentionPolicy',
    summary: 'Set for how long events are kept',
    query: RetentionScope,
    input: SetRequest,
    output: Retention,
  })
  async set(
    @Body() { days }: SetRequest,
    @Query() query: RetentionScope,
    @CurrentActor() actor: Actor,
  ): Promise<Retention> {
    const row = await this.setRetention.execute(actor, scopeOf(actor, query), days);
    return showRetention(row, this.minima.days);
  }

  @Post('preview')
  @Endpoint({
    permission: 'read:RetentionPolicy',
    summary: 'Count what would expire now',
    query: RetentionScope,
    input: PreviewRequest,
    output: ExpiryPreview,
    status: 200,
  })
  preview(
    @Body() { days }: PreviewRequest,
    @Query() query: RetentionScope,
    @CurrentActor() actor: Actor,
  ): Promise<ExpiryPreview> {
    return this.previewExpiry.execute(readable(actor, query), days);
  }

  @Post('runs')
  @Endpoint({
    permission: 'change:RetentionPolicy',
    summary: 'Let what is due expire now',
    query: RetentionScope,
    output: ExpiryRun,
    status: 202,
  })
  async run(@Query() query: RetentionScope, @CurrentActor() actor: Actor): Promise<ExpiryRun> {
    return showRun(await this.requestExpiry.execute(actor, scopeOf(actor, query)));
  }

  @Get('runs')
  @Endpoint({
    permission: 'read:RetentionPolicy',
    summary: 'The latest runs of expiry',
    query: RetentionScope,
    output: ExpiryRunList,
  })
  async list(@Query() query: RetentionScope, @CurrentActor() actor: Actor): Promise<ExpiryRunList> {
    return { runs: (await this.runs.latest(readable(actor, query))).map(showRun) };
  }
}

function readable(actor: Actor, query: RetentionScope): Scope {
  const scope = scopeOf(actor, query);
  requireAbility(actor, 'read', 'RetentionPolicy', { organizationId: scope });
  return scope;
}
