import {
  AuditExport,
  AuditExportList,
  AuditPage,
  Answer,
  Budget,
  CredentialCreated,
  DataEvaluation,
  Dataset,
  DatasetList,
  DatasetTask,
  DatasetTaskList,
  DestructionCertificate,
  DestructionList,
  Deployment,
  DeploymentList,
  FileStored,
  ForwardingDeliveryList,
  ForwardingTarget,
  ForwardingTargetCreated,
  ForwardingTargetList,
  InclusionProof,
  KeyRotation,
  Me,
  Model,
  ModelList,
  OrganizationCreated,
  Person,
  PersonList,
  Project,
  ProjectKeys,
  ProjectList,
  QueryPrice,
  Quota,
  ResultKey,
  Review,
  S3Key,
  Synthesis,
  SynthesisPrice,
  Trace,
  TrustDocument,
  TrustDocumentList,
  TrustRoot,
  Upload,
  UploadList,
  Version,
  VersionList,
  type AskQuestion,
  type ConfirmClassification,
  type CreateCredential,
  type CreateDataset,
  type CreateDeployment,
  type CreateForwardingTarget,
  type CreateModel,
  type CreatePerson,
  type CreateOrganization,
  type CreateProject,
  type DsseEnvelope,
  type RotateKey,
  type SetQuota,
  type SynthesisRequest,
  type OpenResult,
  type StartTask,
  type RequestAuditExport,
} from '@castellan/contracts';
import type { z } from 'zod';
import { HttpConnection, type ConnectionOptions, type Sending } from './http-connection.js';

/** The public API, one method a route, in the types of the contracts. Errors are those of {@link HttpConnection}. */
export class ApiClient {
  readonly connection: HttpConnection;

  constructor(options: ConnectionOptions) {
    this.connection = new HttpConnection(options);
  }

  me() {
    return this.connection.json(Me, 'GET', '/api/v1/me');
  }

  createOrganization(request: CreateOrganization) {
    return this.#post(OrganizationCreated, '/api/v1/organizations', request);
  }

  createProject(request: CreateProject) {
    return this.#post(Project, '/api/v1/projects', request);
  }

  projects() {
    return this.connection.json(ProjectList, 'GET', '/api/v1/projects');
  }

  projectKeys(project: string) {
    return this.connection.json(ProjectKeys, 'GET', keysOf(project));
  }

  rotateKey(project: string, request: RotateKey) {
    return this.#post(KeyRotation, `${keysOf(project)}/rotate`, request);
  }

  cancelRotation(project: string) {
    return this.#post(KeyRotation, `${keysOf(project)}/rotation/cancel`, {});
  }

  resumeRotation(project: string) {
    return this.#post(KeyRotation, `${keysOf(project)}/rotation/resume`, {});
  }

  retireKey(project: string, version: number) {
    return this.#post(ProjectKeys, `${keysOf(project)}/${version}/retire`, {});
  }

  destructions() {
    return this.connection.json(DestructionList, 'GET', '/api/v1/destructions');
  }

  destructionCertificate(targetId: string) {
    const path = `/api/v1/destructions/${segment(targetId)}/certificate`;
    return this.connection.json(DestructionCertificate, 'GET', path);
  }

  createPerson(request: z.input<typeof CreatePerson>) {
    return this.#post(Person, '/api/v1/people', request);
  }

  people() {
    return this.connection.json(PersonList, 'GET', '/api/v1/people');
  }

  createCredential(personId: string, request: z.input<typeof CreateCredential>) {
    return this.#post(CredentialCreated, `/api/v1/people/${personId}/credentials`, request);
  }

  async disablePerson(personId: string): Promise<void> {
    await this.connection.send('POST', `/api/v1/people/${personId}/disable`, { json: {} });
  }

  async revokeCredential(credentialId: string): Promise<void> {
    await this.connection.send('DELETE', `/api/v1/credentials/${credentialId}`);
  }

  createModel(request: z.input<typeof CreateModel>) {
    return this.#post(Model, '/api/v1/models', request);
  }

  models() {
    return this.connection.json(ModelList, 'GET', '/api/v1/models');
  }

  model(name: string) {
    return this.connection.json(Model, 'GET', `/api/v1/models/${segment(name)}`);
  }

  createVersion(model: string) {
    return this.#post(Version, `/api/v1/models/${segment(model)}/versions`, {});
  }

  versions(model: string) {
    return this.connection.json(VersionList, 'GET', `/api/v1/models/${segment(model)}/versions`);
  }

  /** `ref` is a version's id or `model@number`, here and below. */
  version(ref: string) {
    return this.connection.json(Version, 'GET', `/api/v1/versions/${segment(ref)}`);
  }

  async deleteVersion(ref: string): Promise<void> {
    await this.connection.send('DELETE', `/api/v1/versions/${segment(ref)}`);
  }

  putFile(ref: string, path: string, sending: Sending) {
    const encoded = path.split('/').map(segment).join('/');
    return this.connection.json(FileStored, 'PUT', `/api/v1/versions/${segment(ref)}/files/${encoded}`, {
      contentType: 'application/octet-stream',
      ...sending,
    });
  }

  uploads(ref: string) {
    return this.connection.json(UploadList, 'GET', uploadsOf(ref));
  }

  /** Begins a file that is sent by pieces (tus 1.0). */
  createUpload(ref: string, path: string, lengthBytes: number) {
    return this.connection.json(Upload, 'POST', uploadsOf(ref), {
      headers: {
        ...TUS,
        'upload-length': String(lengthBytes),
        'upload-metadata': `path ${Buffer.from(path).toString('base64')}`,
      },
    });
  }

  /** How much of it the server has. */
  async uploadOffset(ref: string, id: string): Promise<number> {
    const { headers } = await this.connection.send('HEAD', `${uploadsOf(ref)}/${id}`, { headers: TUS });
    return Number(headers.get('upload-offset'));
  }

  async appendToUpload(ref: string, id: string, offset: number, sending: Sending): Promise<void> {
    await this.connection.send('PATCH', `${uploadsOf(ref)}/${id}`, {
      contentType: 'application/offset+octet-stream',
      headers: { ...TUS, 'upload-offset': String(offset) },
      ...sending,
    });
  }

  /** What S3 clients sign with in the name of the key that asks. */
  s3Key() {
    return this.#post(S3Key, '/api/v1/s3-key', {});
  }

  quota(project: string) {
    return this.connection.json(Quota, 'GET', `/api/v1/projects/${segment(project)}/quota`);
  }

  setQuota(project: string, json: SetQuota) {
    return this.connection.json(Quota, 'PUT', `/api/v1/projects/${segment(project)}/quota`, { json });
  }

  finalize(ref: string) {
    return this.#post(Version, `/api/v1/versions/${segment(ref)}/finalize`, {});
  }

  review(ref: string) {
    return this.connection.json(Review, 'GET', `/api/v1/versions/${segment(ref)}/review`);
  }

  /** The evidence bundle as a tar. */
  evidence(ref: string): Promise<Response> {
    return this.connection.send('GET', `/api/v1/versions/${segment(ref)}/evidence`, {
      accept: 'application/x-tar',
    });
  }

  submitDocument(envelope: DsseEnvelope) {
    return this.#post(TrustDocument, '/api/v1/trust-documents', { envelope });
  }

  documents(filter: { readonly kind?: string; readonly subject?: string } = {}) {
    return this.connection.json(TrustDocumentList, 'GET', `/api/v1/trust-documents${query(filter)}`);
  }

  trust() {
    return this.connection.json(TrustRoot, 'GET', '/api/v1/trust');
  }

  createDeployment(request: CreateDeployment) {
    return this.#post(Deployment, '/api/v1/deployments', request);
  }

  deployments() {
    return this.connection.json(DeploymentList, 'GET', '/api/v1/deployments');
  }

  deployment(name: string) {
    return this.connection.json(Deployment, 'GET', `/api/v1/deployments/${segment(name)}`);
  }

  async deleteDeployment(name: string): Promise<void> {
    await this.connection.send('DELETE', `/api/v1/deployments/${segment(name)}`);
  }

  createDataset(request: z.input<typeof CreateDataset>) {
    return this.#post(Dataset, '/api/v1/datasets', request);
  }

  datasets() {
    return this.connection.json(DatasetList, 'GET', '/api/v1/datasets');
  }

  /** `dataset` is an id or a name, here and below. */
  putContent(dataset: string, sending: Sending) {
    return this.connection.json(Dataset, 'PUT', `/api/v1/datasets/${segment(dataset)}/content`, {
      contentType: 'text/csv',
      ...sending,
    });
  }

  dataset(dataset: string) {
    return this.connection.json(Dataset, 'GET', `/api/v1/datasets/${segment(dataset)}`);
  }

  confirmClassification(dataset: string, request: ConfirmClassification) {
    return this.connection.json(Dataset, 'PUT', `/api/v1/datasets/${segment(dataset)}/classification`, {
      json: request,
    });
  }

  requestTask(dataset: string, request: z.input<typeof StartTask>) {
    return this.#post(DatasetTask, `/api/v1/datasets/${segment(dataset)}/tasks`, request);
  }

  tasks(dataset: string) {
    return this.connection.json(DatasetTaskList, 'GET', `/api/v1/datasets/${segment(dataset)}/tasks`);
  }

  task(dataset: string, task: string) {
    return this.connection.json(DatasetTask, 'GET', taskPath(dataset, task));
  }

  startTask(dataset: string, task: string) {
    return this.#post(DatasetTask, `${taskPath(dataset, task)}/start`, {});
  }

  /** Where the signatures stand. */
  evaluateTask(dataset: string, task: string) {
    return this.connection.json(DataEvaluation, 'GET', `${taskPath(dataset, task)}/evaluation`);
  }

  cancelTask(dataset: string, task: string) {
    return this.#post(DatasetTask, `${taskPath(dataset, task)}/cancel`, {});
  }

  resultKey(dataset: string, task: string, request: OpenResult) {
    return this.#post(ResultKey, `${taskPath(dataset, task)}/key`, request);
  }

  /** The ciphertext of a task's result. */
  result(dataset: string, task: string): Promise<Response> {
    return this.connection.send('GET', `${taskPath(dataset, task)}/result`, {
      accept: 'application/octet-stream',
    });
  }

  budget(dataset: string) {
    return this.connection.json(Budget, 'GET', `/api/v1/datasets/${segment(dataset)}/budget`);
  }

  price(dataset: string, question: AskQuestion) {
    return this.#post(QueryPrice, `/api/v1/datasets/${segment(dataset)}/price`, question);
  }

  ask(dataset: string, question: AskQuestion) {
    return this.#post(Answer, `/api/v1/datasets/${segment(dataset)}/queries`, question);
  }

  synthesisPrice(dataset: string, request: SynthesisRequest) {
    return this.#post(SynthesisPrice, `/api/v1/datasets/${segment(dataset)}/syntheses/price`, request);
  }

  synthesize(dataset: string, request: SynthesisRequest) {
    return this.#post(Synthesis, `/api/v1/datasets/${segment(dataset)}/syntheses`, request);
  }

  synthesis(dataset: string, id: string) {
    const path = `/api/v1/datasets/${segment(dataset)}/syntheses/${segment(id)}`;
    return this.connection.json(Synthesis, 'GET', path);
  }

  /** The synthetic table as CSV. */
  syntheticTable(dataset: string, id: string, rows?: number): Promise<Response> {
    const path = `/api/v1/datasets/${segment(dataset)}/syntheses/${segment(id)}/table`;
    return this.connection.send('GET', `${path}${query({ rows: rows?.toString() })}`, { accept: 'text/csv' });
  }

  auditEvents(filter: Readonly<Record<string, string | undefined>>) {
    return this.connection.json(AuditPage, 'GET', `/api/v1/audit/events${query(filter)}`);
  }

  requestAuditExport(request: RequestAuditExport) {
    return this.#post(AuditExport, '/api/v1/audit/exports', request);
  }

  auditExports() {
    return this.connection.json(AuditExportList, 'GET', '/api/v1/audit/exports');
  }

  auditExport(id: string) {
    return this.connection.json(AuditExport, 'GET', `/api/v1/audit/exports/${segment(id)}`);
  }

  cancelAuditExport(id: string) {
    return this.#post(AuditExport, `/api/v1/audit/exports/${segment(id)}/cancel`, {});
  }

  /** The archive as a tar. */
  auditExportContent(id: string): Promise<Response> {
    return this.connection.send('GET', `/api/v1/audit/exports/${segment(id)}/content`, {
      accept: 'application/x-tar',
    });
  }

  createForwardingTarget(request: z.input<typeof CreateForwardingTarget>) {
    return this.#post(ForwardingTargetCreated, '/api/v1/audit/targets', request);
  }

  forwardingTargets() {
    return this.connection.json(ForwardingTargetList, 'GET', '/api/v1/audit/targets');
  }

  forwardingDeliveries(id: string) {
    const path = `/api/v1/audit/targets/${segment(id)}/deliveries`;
    return this.connection.json(ForwardingDeliveryList, 'GET', path);
  }

  changeForwardingTarget(id: string, change: 'pause' | 'resume') {
    return this.#post(ForwardingTarget, `/api/v1/audit/targets/${segment(id)}/${change}`, {});
  }

  async removeForwardingTarget(id: string): Promise<void> {
    await this.connection.send('DELETE', `/api/v1/audit/targets/${segment(id)}`);
  }

  trace(kind: string, ref: string) {
    return this.connection.json(Trace, 'GET', `/api/v1/trace/${segment(kind)}/${segment(ref)}`);
  }

  inclusionProof(eventId: string) {
    return this.connection.json(InclusionProof, 'GET', `/api/v1/audit/events/${segment(eventId)}/proof`);
  }

  #post<S extends z.ZodType>(schema: S, path: string, json: unknown): Promise<z.infer<S>> {
    return this.connection.json(schema, 'POST', path, { json });
  }
}

function keysOf(project: string): string {
  return `/api/v1/projects/${segment(project)}/keys`;
}

const TUS = { 'tus-resumable': '1.0.0' };

function uploadsOf(ref: string): string {
  return `/api/v1/versions/${segment(ref)}/uploads`;
}

function taskPath(dataset: string, task: string): string {
  return `/api/v1/datasets/${segment(dataset)}/tasks/${segment(task)}`;
}

/** A reference as one path segment; `@` stays readable in access logs. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll('%40', '@');
}

function query(filter: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
