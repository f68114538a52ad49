import { type Actor, CurrentActor } from '@castellan/access';
import { Trace } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { TraceSubject } from './trace-subject.js';

const TraceParams = z.object({
  kind: z.enum(['prediction', 'version', 'deployment', 'dataset']),
  ref: z.string().min(1).max(200),
});

@Controller('api/v1/trace')
export class TraceController {
  constructor(private readonly traceSubject: TraceSubject) {}

  @Get(':kind/:ref')
  @Endpoint({
    permission: 'read:Trace',
    summary: 'What a prediction, version, deployment or dataset rests on, and what rests on it',
    params: TraceParams,
    output: Trace,
  })
  trace(@Param() { kind, ref }: z.infer<typeof TraceParams>, @CurrentActor() actor: Actor): Promise<Trace> {
    return this.traceSubject.execute(actor, kind, ref);
  }
}
