import { gzipSync } from 'node:zlib';
import { type Actor, CurrentActor } from '@castellan/access';
import { AuditError, AuditReader } from '@castellan/audit';
import { LeafIndex } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { parseTilePath } from '@castellan/merkle-log';
import { Controller, Get, Header, Headers, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

const text = 'text/plain; charset=utf-8';
/** A year; for the asker alone, since who may read is decided by role. */
const immutable = 'private, max-age=31536000, immutable';

/** Payloads may expire, and no cache is to have them for longer. */
const notKept = 'private, no-store';

/** The log as C2SP tlog-tiles v0.1 serves it: a checkpoint that changes, tiles that don't; entry bundles; and proofs. */
@Controller('audit/log')
export class LogController {
  constructor(private readonly log: AuditReader) {}

  @Get('checkpoint')
  @Header('content-type', text)
  @Header('cache-control', 'no-store')
  @Endpoint({ permission: 'read:AuditTree', summary: 'The last signed checkpoint (signed note)' })
  async checkpoint(): Promise<string> {
    return (await this.log.checkpoint()) ?? nothingThere();
  }

  @Get('witnessed-checkpoint')
  @Header('content-type', text)
  @Header('cache-control', 'no-store')
  @Endpoint({ permission: 'read:AuditTree', summary: 'The last checkpoint that witnesses cosigned' })
  async witnessedCheckpoint(): Promise<string> {
    return (await this.log.witnessedCheckpoint()) ?? nothingThere();
  }

  @Get('tile/entries/*')
  @Endpoint({ permission: 'read:AuditEntries', summary: 'An entry bundle' })
  async entries(
    @Param('*') path: string,
    @Headers('accept-encoding') accepted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const at = parseTilePath(`tile/entries/${path}`);
    const bundle = (await this.log.entries(at.index, at.width)) ?? nothingThere();
    bytesOf(reply, notKept).header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(accepted ?? '')) return Buffer.from(bundle);
    void reply.header('content-encoding', 'gzip');
    return gzipSync(bundle);
  }

  @Get('tile/:level/*')
  @Endpoint({ permission: 'read:AuditTree', summary: 'A hash tile' })
  async tile(
    @Param('level') level: string,
    @Param('*') path: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const at = parseTilePath(`tile/${level}/${path}`);
    if (at.kind === 'entries') return nothingThere();
    const tile = (await this.log.tile(at.level, at.index, at.width)) ?? nothingThere();
    bytesOf(reply, immutable);
    return Buffer.from(tile);
  }

  /** Its own organisation's events only: whether there is such an event is already something to know. */
  @Get('proof/event/:event')
  @Header('content-type', text)
  @Header('cache-control', 'no-store')
  @Endpoint({ permission: 'read:AuditLog', summary: 'Prove that an event is in the log (C2SP tlog-proof)' })
  proofOfEvent(@Param('event') eventId: string, @CurrentActor() { organizationId }: Actor): Promise<string> {
    return this.log.logProof(eventId, organizationId);
  }

  @Get('proof/:index')
  @Header('content-type', text)
  @Header('cache-control', 'no-store')
  @Endpoint({
    permission: 'read:AuditTree',
    summary: 'Prove what leaf stands at an index (C2SP tlog-proof)',
    params: LeafIndex,
  })
  async proofAt(@Param() { index }: LeafIndex): Promise<string> {
    return (await this.log.logProofAt(index)) ?? nothingThere();
  }
}

/** Headers of an answer that is there, and never of the refusal of one that is not there yet. */
function bytesOf(reply: FastifyReply, kept: string): FastifyReply {
  return reply.header('content-type', 'application/octet-stream').header('cache-control', kept);
}

function nothingThere(): never {
  throw new AuditError('event_unknown', {
    kind: 'not_found',
    publicDetail: 'The signed log has no such part (yet).',
  });
}
