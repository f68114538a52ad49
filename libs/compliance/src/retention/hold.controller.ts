import { type Actor, CurrentActor, visible } from '@castellan/access';
import { AskLift, CreateLegalHold, Id, LegalHold, LegalHoldList } from '@castellan/contracts';
import { Database } from '@castellan/database';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { type HoldRow, HoldStore } from './hold-store.js';
import { LiftHold } from './lift-hold.js';
import { SetHold } from './set-hold.js';
import { showHold } from './show-retention.js';

const OneHold = z.object({ id: Id });

@Controller('api/v1/audit/holds')
export class HoldController {
  constructor(
    private readonly holds: HoldStore,
    private readonly setHold: SetHold,
    private readonly liftHold: LiftHold,
    private readonly database: Database,
  ) {}

  @Post()
  @Endpoint({
    permission: 'create:LegalHold',
    summary: 'Hold events that must not expire',
    input: CreateLegalHold,
    output: LegalHold,
    status: 201,
  })
  async create(@Body() request: CreateLegalHold, @CurrentActor() actor: Actor): Promise<LegalHold> {
    return this.#show(await this.setHold.execute(actor, request));
  }

  @Get()
  @Endpoint({ permission: 'read:LegalHold', summary: 'List legal holds', output: LegalHoldList })
  async list(@CurrentActor() actor: Actor): Promise<LegalHoldList> {
    const rows = await this.holds.visible(visible(actor, 'LegalHold'));
    return { holds: await Promise.all(rows.map((row) => this.#show(row))) };
  }

  @Post(':id/ask-lift')
  @Endpoint({
    permission: 'lift:LegalHold',
    summary: 'Ask that a hold be lifted',
    params: OneHold,
    input: AskLift,
    output: LegalHold,
    status: 200,
  })
  async ask(
    @Param('id') id: string,
    @Body() { reason }: AskLift,
    @CurrentActor() actor: Actor,
  ): Promise<LegalHold> {
    return this.#show(await this.liftHold.ask(actor, id, reason));
  }

  @Post(':id/lift')
  @Endpoint({
    permission: 'lift:LegalHold',
    summary: 'Lift a hold that somebody else set and somebody else asked to lift',
    params: OneHold,
    output: LegalHold,
    status: 200,
  })
  async lift(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<LegalHold> {
    return this.#show(await this.liftHold.lift(actor, id));
  }

  async #show(row: HoldRow): Promise<LegalHold> {
    const named =
      row.projectId === null
        ? []
        : await this.database.client.project.findMany({ where: { id: row.projectId } });
    return showHold(row, new Map(named.map(({ id, name }) => [id, name])));
  }
}
