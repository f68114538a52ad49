import { type Actor, CurrentActor } from '@castellan/access';
import { AuditReader } from '@castellan/audit';
import { Watching, WatchSettings } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { parseCheckpoint } from '../exports/parse-checkpoint.js';
import { ChangeWatchSettings } from './change-watch-settings.js';
import { showRules } from './show-alarm.js';
import { WatchStore } from './watch-store.js';

@Controller('api/v1/audit/watching')
export class WatchingController {
  constructor(
    private readonly store: WatchStore,
    private readonly changeSettings: ChangeWatchSettings,
    private readonly log: AuditReader,
  ) {}

  @Get()
  @Endpoint({
    permission: 'read:WatchSetting',
    summary: 'What is watched for, and how far',
    output: Watching,
  })
  async show(@CurrentActor() { organizationId }: Actor): Promise<Watching> {
    const [settings, position, checkpoint] = await Promise.all([
      this.store.settings(organizationId),
      this.store.find(),
      this.log.checkpoint(),
    ]);
    const size = checkpoint === undefined ? 0n : BigInt(parseCheckpoint(checkpoint).size);
    const behind = size - (position?.cursor ?? 0n);
    return { settings, rules: showRules(settings), behind: String(behind > 0n ? behind : 0n) };
  }

  @Put()
  @Endpoint({
    permission: 'change:WatchSetting',
    summary: 'Set working hours, thresholds and muted rules',
    input: WatchSettings,
    output: Watching,
  })
  async change(@Body() settings: WatchSettings, @CurrentActor() actor: Actor): Promise<Watching> {
    await this.changeSettings.execute(actor, settings);
    return this.show(actor);
  }
}
