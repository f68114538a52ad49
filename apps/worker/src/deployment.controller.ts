import type { Readable } from 'node:stream';
import { PlaceDeployment, WorkerDeployments, WorkerDeploymentState } from '@castellan/contracts';
import { BodyStream, Endpoint } from '@castellan/http';
import { decodeInferRequest, encodeInferResponse, INFER_HEADER_LENGTH } from '@castellan/tensors';
import { Body, Controller, Delete, Get, Headers, Param, Post, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { Deployments } from './deployments.js';
import { readBody } from './read-body.js';
import { WorkerConfigured } from './worker-configured.js';

const peers = ['gateway'] as const;

/** The gateway's orders and questions. Nobody else is answered. */
@Controller('v1/deployments')
export class DeploymentController {
  constructor(
    private readonly deployments: Deployments,
    private readonly configured: WorkerConfigured,
  ) {}

  @Get()
  @Endpoint({ peers, summary: 'What this worker was given, and how far it is', output: WorkerDeployments })
  list(): z.infer<typeof WorkerDeployments> {
    return { deployments: this.deployments.states };
  }

  @Put(':name')
  @Endpoint({
    peers,
    summary: 'Serve a version',
    input: PlaceDeployment,
    output: WorkerDeploymentState,
    status: 202,
  })
  place(
    @Param('name') name: string,
    @Body() { versionId }: z.infer<typeof PlaceDeployment>,
  ): Promise<WorkerDeploymentState> {
    return this.deployments.place(name, versionId);
  }

  @Delete(':name')
  @Endpoint({ peers, summary: 'Stop serving; answers when the weights are gone', status: 204 })
  remove(@Param('name') name: string): Promise<void> {
    return this.deployments.remove(name);
  }

  @Post(':name/infer')
  @Endpoint({ peers, summary: 'Run the model (Open Inference Protocol v2, binary tensors)', stream: true })
  async infer(
    @Param('name') name: string,
    @Headers(INFER_HEADER_LENGTH) headerLength: string | undefined,
    @BodyStream() stream: Readable,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const body = await readBody(stream, this.configured.maxRequestBytes);
    const request = decodeInferRequest({
      body,
      ...(headerLength === undefined ? {} : { headerLength: Number(headerLength) }),
    });
    const { outputs, versionNumber, versionDigest } = await this.deployments.infer(name, request.inputs);
    const answer = encodeInferResponse({
      modelName: name,
      modelVersion: String(versionNumber),
      parameters: { version_digest: versionDigest },
      outputs,
    });
    reply.header('content-type', 'application/octet-stream');
    if (answer.headerLength !== undefined) reply.header(INFER_HEADER_LENGTH, String(answer.headerLength));
    return Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength);
  }
}
