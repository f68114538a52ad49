import {
  DataEvaluation,
  DataEvaluationRequest,
  Evaluation,
  EvaluationRequest,
  ReleaseRequest,
  ReleaseResponse,
  RenewResponse,
} from '@castellan/contracts';
import { CurrentPeer, Endpoint, type Peer } from '@castellan/http';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { JudgeDataRequest } from './judge-data-request.js';
import { JudgeVersion } from './judge-version.js';
import { ReleaseKeys } from './release-keys.js';

const LeasePath = z.object({ id: z.uuid() });

@Controller('v1')
export class ReleaseController {
  constructor(
    private readonly releaseKeys: ReleaseKeys,
    private readonly judgeVersion: JudgeVersion,
    private readonly judgeDataRequest: JudgeDataRequest,
  ) {}

  @Post('release')
  @Endpoint({
    peers: ['worker', 'jobs', 'api'],
    summary: 'Release data keys for a named purpose, sealed to the caller',
    input: ReleaseRequest,
    output: ReleaseResponse,
  })
  release(@Body() request: ReleaseRequest, @CurrentPeer() peer: Peer): Promise<ReleaseResponse> {
    return this.releaseKeys.release(request, peer);
  }

  @Post('leases/:id/renew')
  @Endpoint({
    peers: ['worker', 'jobs'],
    summary: 'Go on holding released keys; judged again',
    params: LeasePath,
    output: RenewResponse,
  })
  renew(@Param('id') id: string, @CurrentPeer() peer: Peer): Promise<RenewResponse> {
    return this.releaseKeys.renew(id, peer);
  }

  @Post('evaluations')
  @Endpoint({
    peers: ['api', 'gateway', 'jobs'],
    summary: 'Whether a version may be served now, and if not, why',
    input: EvaluationRequest,
    output: Evaluation,
  })
  evaluate(@Body() { versionId }: EvaluationRequest): Promise<Evaluation> {
    return this.judgeVersion.evaluate(versionId);
  }

  @Post('data-evaluations')
  @Endpoint({
    peers: ['api', 'jobs'],
    summary: 'Whether a request for protected data has the signatures it takes, and if not, why',
    input: DataEvaluationRequest,
    output: DataEvaluation,
  })
  evaluateData(@Body() { taskId }: DataEvaluationRequest): Promise<DataEvaluation> {
    return this.judgeDataRequest.evaluate(taskId);
  }
}
