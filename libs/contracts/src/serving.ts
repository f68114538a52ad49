import { z } from 'zod';
import { Id, Name, Sha256, Timestamp } from './primitives.js';

// POST|GET /api/v1/deployments ; GET|DELETE /api/v1/deployments/{name}
export const CreateDeployment = z
  .object({ name: Name, version: z.string().describe('a version id or {model}@{number}') })
  .meta({ id: 'CreateDeployment' });
export type CreateDeployment = z.infer<typeof CreateDeployment>;

export const phases = ['pending', 'loading', 'ready', 'refused', 'failed', 'stopped'] as const;
export const Phase = z.enum(phases);
export type Phase = z.infer<typeof Phase>;

export const TensorMetadata = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.number().int()),
});
export type TensorMetadata = z.infer<typeof TensorMetadata>;
export const ModelSignature = z
  .object({ inputs: z.array(TensorMetadata), outputs: z.array(TensorMetadata) })
  .meta({ id: 'ModelSignature' });
export type ModelSignature = z.infer<typeof ModelSignature>;

export const Deployment = z
  .object({
    id: Id,
    name: Name,
    project: Name,
    model: Name,
    number: z.number().int(),
    versionId: Id,
    versionDigest: Sha256.optional(),
    desired: z.enum(['running', 'stopped']),
    phase: Phase,
    reason: z.string().optional(),
    message: z.string().optional(),
    signature: ModelSignature.optional(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Deployment' });
export type Deployment = z.infer<typeof Deployment>;
export const DeploymentList = z.object({ deployments: z.array(Deployment) }).meta({ id: 'DeploymentList' });
export type DeploymentList = z.infer<typeof DeploymentList>;

// POST /api/predict on the gateway
export const PredictRequest = z
  .object({ model: Name.optional(), input: z.unknown() })
  .meta({ id: 'PredictRequest' });
export type PredictRequest = z.infer<typeof PredictRequest>;
export const PredictResponse = z
  .object({ output: z.unknown(), model: Name, version: z.number().int(), versionDigest: Sha256 })
  .meta({ id: 'PredictResponse' });
export type PredictResponse = z.infer<typeof PredictResponse>;

// worker, internal (mutual TLS)
export const WorkerDeploymentState = z.object({
  name: Name,
  versionId: Id,
  versionDigest: Sha256.optional(),
  phase: Phase,
  reason: z.string().optional(),
  message: z.string().optional(),
  platform: z.string().optional(),
  signature: ModelSignature.optional(),
});
export type WorkerDeploymentState = z.infer<typeof WorkerDeploymentState>;
export const WorkerDeployments = z.object({ deployments: z.array(WorkerDeploymentState) });
export const PlaceDeployment = z.object({ versionId: Id });
