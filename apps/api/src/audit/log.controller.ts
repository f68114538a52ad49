import { AuditError, AuditReader } from '@castellan/audit';
import { Endpoint } from '@castellan/http';
import { parseTilePath } from '@castellan/merkle-log';
import { Controller, Get, Header, Param } from '@nestjs/common';

const immutable = 'private, max-age=31536000, immutable';

/** The log as C2SP tlog-tiles serves it: a checkpoint that changes, tiles and entry bundles that don't. */
@Controller('audit/log')
export class LogController {
  constructor(private readonly log: AuditReader) {}

  @Get('checkpoint')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Endpoint({ permission: 'read:AuditTree', summary: 'The last signed checkpoint (signed note)' })
  async checkpoint(): Promise<string> {
    return (await this.log.checkpoint()) ?? nothingThere();
  }

  @Get('tile/entries/*')
  @Header('content-type', 'application/octet-stream')
  @Header('cache-control', immutable)
  @Endpoint({ permission: 'read:AuditEntries', summary: 'An entry bundle' })
  async entries(@Param('*') path: string): Promise<Buffer> {
    const at = parseTilePath(`tile/entries/${path}`);
    return Buffer.from((await this.log.entries(at.index, at.width)) ?? nothingThere());
  }

  @Get('tile/:level/*')
  @Header('content-type', 'application/octet-stream')
  @Header('cache-control', immutable)
  @Endpoint({ permission: 'read:AuditTree', summary: 'A hash tile' })
  async tile(@Param('level') level: string, @Param('*') path: string): Promise<Buffer> {
    const at = parseTilePath(`tile/${level}/${path}`);
    if (at.kind === 'entries') return nothingThere();
    return Buffer.from((await this.log.tile(at.level, at.index, at.width)) ?? nothingThere());
  }
}

function nothingThere(): never {
  throw new AuditError('event_unknown', {
    kind: 'not_found',
    publicDetail: 'The signed log has no such part (yet).',
  });
}
