import { type Actor, CurrentActor, visible } from '@castellan/access';
import { OpenedLog } from '@castellan/audit';
import { AcknowledgeAlarm as Acknowledgement, Alarm, AlarmList, AlarmQuery } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ComplianceError } from '../compliance-error.js';
import { AcknowledgeAlarm } from './acknowledge-alarm.js';
import { type AlarmRow, AlarmStore } from './alarm-store.js';
import { showAlarms } from './show-alarm.js';

@Controller('api/v1/audit/alarms')
export class AlarmController {
  constructor(
    private readonly alarms: AlarmStore,
    private readonly acknowledgeAlarm: AcknowledgeAlarm,
    private readonly log: OpenedLog,
  ) {}

  @Get()
  @Endpoint({
    permission: 'read:Alarm',
    summary: 'Alarms, newest first',
    query: AlarmQuery,
    output: AlarmList,
  })
  async list(@Query() query: AlarmQuery, @CurrentActor() actor: Actor): Promise<AlarmList> {
    const mine = visible(actor, 'Alarm');
    const [rows, open] = await Promise.all([this.alarms.list(mine, query), this.alarms.open(mine)]);
    const alarms = await showAlarms(this.log, rows.slice(0, query.limit));
    const next = rows.length > query.limit ? alarms.at(-1)?.id : undefined;
    return { alarms, open, ...(next === undefined ? {} : { next }) };
  }

  @Get(':id')
  @Endpoint({ permission: 'read:Alarm', summary: 'One alarm with its evidence', output: Alarm })
  async show(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<Alarm> {
    const [alarm] = await showAlarms(this.log, [await this.#find(actor, id)]);
    return alarm ?? unknown();
  }

  @Post(':id/acknowledge')
  @Endpoint({
    permission: 'acknowledge:Alarm',
    summary: 'Say what came of an alarm',
    input: Acknowledgement,
    output: Alarm,
  })
  async acknowledge(
    @Param('id') id: string,
    @Body() { reason }: Acknowledgement,
    @CurrentActor() actor: Actor,
  ): Promise<Alarm> {
    await this.acknowledgeAlarm.execute(actor, await this.#find(actor, id), reason);
    return this.show(id, actor);
  }

  async #find(actor: Actor, id: string): Promise<AlarmRow> {
    const row = await this.alarms.find(visible(actor, 'Alarm'), id);
    return row ?? unknown();
  }
}

function unknown(): never {
  throw new ComplianceError('alarm_unknown', {
    kind: 'not_found',
    publicDetail: 'There is no such alarm.',
  });
}
