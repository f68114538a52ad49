import {
  Answer,
  AskQuestion,
  AuditPage,
  AuditQuery,
  Budget,
  CreateDataset,
  CreateDeployment,
  CreateModel,
  Dataset,
  DatasetList,
  DenialList,
  Deployment,
  DeploymentList,
  DestructionCertificate,
  DestructionList,
  ExportedKeys,
  ExportKeys,
  FileStored,
  ImportedKeys,
  ImportKeys,
  KeyExportList,
  InclusionProof,
  KeyRotation,
  Me,
  Model,
  ModelList,
  SourceLogin,
  PredictResponse,
  ProjectKeys,
  ProjectList,
  QueryPrice,
  ReconcileBudget,
  Quota,
  Review,
  RotateKey,
  SetQuota,
  SignIn,
  SubmitDocument,
  TrustDocument,
  TrustDocumentList,
  TrustRoot,
  Upload,
  UploadList,
  Version,
  VersionList,
  Synthesis,
  SynthesisFigures,
  SynthesisList,
  SynthesisPrice,
  SynthesisRequest,
  Training,
  TrainingList,
  TrainingPrice,
  TrainingRequest,
} from '@castellan/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { complianceRoutes } from './compliance-routes.js';
import { protectionRoutes } from './protection-routes.js';
import { requireRole } from './fake-people.js';
import { FakeRefusal } from './fake-refusal.js';
import type { FakeWorld } from './fake-world.js';

const Named = z.object({ name: z.string() });
const Ref = z.object({ ref: z.string() });
const UploadRef = z.object({ ref: z.string(), upload: z.string() });
const TusHeaders = z.object({
  'tus-resumable': z.literal('1.0.0'),
  'upload-length': z.string().optional(),
  'upload-offset': z.string().optional(),
  'upload-metadata': z.string().optional(),
});
const DocumentFilter = z.object({ kind: z.string().optional(), subject: z.string().optional() });

/** The routes that the console calls, as libs/contracts names them. */
export function consoleRoutes(app: FastifyInstance, world: FakeWorld): void {
  const { people, log, trust, registry, serving, privacy, keys } = world;
  const who = (request: FastifyRequest) => people.who(request.headers.cookie);
  const nameIn = (request: FastifyRequest) => Named.parse(request.params).name;
  const refIn = (request: FastifyRequest) => Ref.parse(request.params).ref;
  const scanLater = (version: Version) => {
    if (world.scansHeld) return;
    setTimeout(() => {
      registry.scan(version.id, { verdict: 'clean', findings: [] });
      world.recordProcess('jobs', 'version.scanned', { resource: { kind: 'version', id: version.id } });
    }, 150);
  };

  app.post('/api/v1/session', async (request, reply) => {
    const { me, session } = people.signIn(SignIn.parse(request.body).token);
    world.record(me, 'session.opened');
    void reply.header('set-cookie', `castellan_session=${session}; Path=/; HttpOnly; SameSite=Strict`);
    return Me.parse(me);
  });
  app.delete('/api/v1/session', async (request, reply) => {
    people.signOut(request.headers.cookie);
    return reply.status(204).send();
  });
  app.get('/api/v1/me', async (request) => Me.parse(who(request)));
  app.get('/api/v1/projects', async () =>
    ProjectList.parse({ projects: [{ ...world.project, createdAt: world.now().toISOString() }] }),
  );

  app.get('/api/v1/models', async (request) => {
    requireRole(who(request), 'read:Model', 'author', 'reviewer', 'auditor', 'admin');
    return ModelList.parse({ models: registry.models() });
  });
  app.post('/api/v1/models', async (request, reply) => {
    const me = who(request);
    requireRole(me, 'create:Model', 'author', 'admin');
    const model = registry.createModel(CreateModel.parse(request.body), world.now());
    world.record(me, 'model.created', {
      resource: { kind: 'model', id: model.id },
      details: { name: model.name },
    });
    return reply.status(201).send(Model.parse(model));
  });
  app.get('/api/v1/models/:name', async (request) => Model.parse(registry.model(nameIn(request))));
  app.get('/api/v1/models/:name/versions', async (request) =>
    VersionList.parse({ versions: registry.versionsOf(registry.model(nameIn(request)).name) }),
  );
  app.post('/api/v1/models/:name/versions', async (request, reply) => {
    const me = who(request);
    requireRole(me, 'publish:Version', 'author', 'admin');
    return reply.status(201).send(Version.parse(registry.start(nameIn(request), me, world.now())));
  });

  app.get('/api/v1/versions/:ref', async (request) => Version.parse(registry.version(refIn(request))));
  app.get('/api/v1/versions/:ref/review', async (request) =>
    Review.parse(registry.review(refIn(request), world.now())),
  );
  app.get('/api/v1/versions/:ref/evidence', async (request, reply) => {
    const me = who(request);
    requireRole(me, 'export:Version', 'auditor', 'reviewer', 'admin');
    world.record(me, 'evidence.exported', { resource: { kind: 'version', id: refIn(request) } });
    return reply.type('application/x-tar').send(Buffer.from('a bundle'));
  });
  app.put('/api/v1/versions/:ref/files/*', async (request) => {
    requireRole(who(request), 'publish:Version', 'author', 'admin');
    const { '*': path } = z.object({ '*': z.string() }).parse(request.params);
    return FileStored.parse(
      registry.storeFile(refIn(request), path, z.instanceof(Buffer).parse(request.body)),
    );
  });
  app.get('/api/v1/versions/:ref/uploads', async (request) =>
    UploadList.parse({ uploads: registry.uploads(refIn(request)) }),
  );
  app.post('/api/v1/versions/:ref/uploads', async (request, reply) => {
    const { 'upload-length': length, 'upload-metadata': metadata } = TusHeaders.parse(request.headers);
    const path = Buffer.from(metadata?.split(' ')[1] ?? '', 'base64').toString();
    return reply.status(201).send(Upload.parse(registry.beginUpload(refIn(request), path, Number(length))));
  });
  app.head('/api/v1/versions/:ref/uploads/:upload', async (request, reply) => {
    const { ref, upload } = UploadRef.parse(request.params);
    return reply.header('upload-offset', registry.upload(ref, upload).bytes.length).send();
  });
  app.patch('/api/v1/versions/:ref/uploads/:upload', async (request, reply) => {
    const { ref, upload } = UploadRef.parse(request.params);
    const offset = Number(TusHeaders.parse(request.headers)['upload-offset']);
    const bytes = z.instanceof(Buffer).parse(request.body);
    world.appends.push(offset);
    if (world.cuts > 0) {
      // Half of it arrived; the connection breaks without an answer.
      world.cuts -= 1;
      registry.append(ref, upload, offset, bytes.subarray(0, bytes.length >> 1));
      request.raw.socket.destroy();
      return reply.hijack();
    }
    const appended = registry.append(ref, upload, offset, bytes);
    return reply.status(204).header('upload-offset', appended.bytes.length).send();
  });
  app.get('/api/v1/projects/:name/quota', async () => Quota.parse(world.quota));
  app.put('/api/v1/projects/:name/quota', async (request) => {
    requireRole(who(request), 'limit:Model', 'admin');
    const { limitBytes } = SetQuota.parse(request.body);
    const { limitBytes: _, ...used } = world.quota;
    world.quota = limitBytes === null ? used : { ...used, limitBytes };
    return Quota.parse(world.quota);
  });
  app.post('/api/v1/versions/:ref/finalize', async (request) => {
    const me = who(request);
    const version = registry.finalize(refIn(request), world.now());
    world.record(me, 'version.finalized', {
      resource: { kind: 'version', id: version.id, ...(version.digest && { digest: version.digest }) },
      details: { ref: `${version.model}@${version.number}`, files: version.files.length },
    });
    scanLater(version);
    return Version.parse(version);
  });
  app.delete('/api/v1/versions/:ref', async (request, reply) => {
    registry.abandon(refIn(request));
    return reply.status(204).send();
  });

  app.get('/api/v1/trust', async () => TrustRoot.parse(trust.root()));
  app.get('/api/v1/destructions', async (request) => {
    requireRole(who(request), 'read:Destruction', 'reviewer', 'auditor', 'admin');
    return DestructionList.parse({ destructions: world.destructions.list(world.now()) });
  });
  app.get('/api/v1/destructions/:ref/certificate', async (request) =>
    DestructionCertificate.parse(world.destructions.certificate(refIn(request))),
  );
  app.get('/api/v1/key-exports', async (request) => {
    requireRole(who(request), 'read:RootRecipient', 'reviewer', 'auditor', 'admin');
    return KeyExportList.parse({ exports: world.transfers.list(world.now()) });
  });
  app.post('/api/v1/key-exports', async (request) => {
    requireRole(who(request), 'export:KeyRotation', 'admin');
    const { project, recipient } = ExportKeys.parse(request.body);
    return ExportedKeys.parse(world.transfers.export(project, recipient, world.now()));
  });
  app.post('/api/v1/key-imports', async (request) => {
    requireRole(who(request), 'import:RootRecipient', 'admin');
    const { sender } = ImportKeys.parse(request.body);
    if (sender === '00'.repeat(32))
      throw new FakeRefusal(403, 'root_package_untrusted', 'The package can not be believed.');
    return ImportedKeys.parse({ projectId: world.project.id, project: 'default', versions: [1], current: 2 });
  });
  app.get('/api/v1/trust-documents', async (request) => {
    const { kind, subject } = DocumentFilter.parse(request.query);
    return TrustDocumentList.parse({ documents: trust.documents(kind, subject) });
  });
  app.post('/api/v1/trust-documents', async (request, reply) => {
    const me = who(request);
    requireRole(me, 'submit:TrustDocument', 'reviewer', 'admin');
    const { envelope } = SubmitDocument.parse(request.body);
    registry.refuseAuthorsApproval(envelope);
    const document = trust.submit(envelope, me.id, world.now());
    const { digest, kind, subject } = document;
    world.record(me, 'document.recorded', {
      resource: { kind: 'document', id: digest, digest },
      details: { kind, subject },
    });
    return reply.status(201).send(TrustDocument.parse(document));
  });

  app.get('/api/v1/deployments', async (request) => {
    requireRole(who(request), 'read:Deployment', 'author', 'reviewer', 'auditor', 'admin', 'consumer');
    return DeploymentList.parse({ deployments: serving.list(world.now()) });
  });
  app.post('/api/v1/deployments', async (request, reply) => {
    const me = who(request);
    requireRole(me, 'create:Deployment', 'admin');
    const { name, version } = CreateDeployment.parse(request.body);
    const deployment = serving.deploy(name, version, world.now());
    world.record(me, 'deployment.created', {
      resource: { kind: 'deployment', id: deployment.id },
      details: { name, version },
    });
    return reply.status(201).send(Deployment.parse(deployment));
  });
  app.get('/api/v1/deployments/:name', async (request) =>
    Deployment.parse(serving.show(nameIn(request), world.now())),
  );
  app.delete('/api/v1/deployments/:name', async (request, reply) => {
    serving.stop(nameIn(request));
    return reply.status(204).send();
  });
  app.post('/api/v1/deployments/:name/predict', async (request) => {
    const me = who(request);
    requireRole(me, 'predict:Deployment', 'consumer', 'admin');
    const name = nameIn(request);
    const { input } = z.object({ input: z.unknown() }).parse(request.body);
    const resource = { kind: 'deployment', id: serving.show(name, world.now()).id };
    try {
      const answer = PredictResponse.parse(serving.predict(name, input, world.now()));
      world.record(me, 'prediction.served', { resource, details: { name } });
      return answer;
    } catch (error) {
      const reason = error instanceof FakeRefusal ? error.code : 'internal';
      world.record(me, 'prediction.refused', { resource, decision: 'deny', reason, details: { name } });
      throw error;
    }
  });

  app.get('/api/v1/datasets', async (request) => {
    requireRole(who(request), 'read:Dataset', 'steward', 'analyst', 'reviewer', 'auditor', 'admin');
    return DatasetList.parse({ datasets: [privacy.dataset, ...privacy.references.datasets] });
  });
  app.post('/api/v1/datasets', async (request) => {
    const me = who(request);
    requireRole(me, 'create:Dataset', 'steward');
    return Dataset.parse(privacy.references.declare(CreateDataset.parse(request.body), me.id, world.now()));
  });
  app.put<{ Body: Buffer }>('/api/v1/datasets/:ref/content', async (request) => {
    const login = SourceLogin.parse(JSON.parse(request.body.toString()));
    return Dataset.parse(privacy.references.seal(refIn(request), login));
  });
  app.post('/api/v1/datasets/:ref/data-versions', async (request) =>
    Dataset.parse(privacy.references.renew(refIn(request))),
  );
  protectionRoutes(app, world);
  complianceRoutes(app, world);
  app.get('/api/v1/datasets/:ref/budget', async () => Budget.parse(privacy.budget()));
  app.post('/api/v1/datasets/:ref/budget/reconciliation', async (request) => {
    const me = who(request);
    requireRole(me, 'reconcile:Dataset', 'steward');
    return Budget.parse(privacy.reconcile(ReconcileBudget.parse(request.body), me.name, world.now()));
  });
  app.get('/api/v1/datasets/:ref/denials', async () => DenialList.parse({ denials: privacy.denials }));
  app.post('/api/v1/datasets/:ref/price', async (request) =>
    QueryPrice.parse(privacy.price(AskQuestion.parse(request.body))),
  );
  app.get('/api/v1/datasets/:ref/syntheses', async () =>
    SynthesisList.parse({ syntheses: privacy.synthesis.list }),
  );
  app.post('/api/v1/datasets/:ref/syntheses/price', async (request) => {
    const wanted = SynthesisRequest.parse(request.body);
    return SynthesisPrice.parse(privacy.synthesis.price(wanted, privacy.budget().remaining));
  });
  app.post('/api/v1/datasets/:ref/syntheses', async (request) => {
    const me = who(request);
    requireRole(me, 'ask:Dataset', 'analyst');
    const wanted = SynthesisRequest.parse(request.body);
    return Synthesis.parse(privacy.synthesize(wanted, me.name, world.now()));
  });
  app.get('/api/v1/datasets/:ref/syntheses/:id/figures', async () =>
    SynthesisFigures.parse(privacy.synthesis.figures()),
  );
  app.get('/api/v1/datasets/:ref/syntheses/:id/table', async (_request, reply) => {
    await reply.type('text/csv').send('year,region\n1980,south\n');
  });
  app.get('/api/v1/datasets/:ref/trainings', async () =>
    TrainingList.parse({ trainings: privacy.training.list }),
  );
  app.post('/api/v1/datasets/:ref/trainings/price', async (request) => {
    const wanted = TrainingRequest.parse(request.body);
    return TrainingPrice.parse(privacy.training.price(wanted, privacy.budget().remaining));
  });
  app.post('/api/v1/datasets/:ref/trainings', async (request) => {
    const me = who(request);
    requireRole(me, 'ask:Dataset', 'analyst');
    return Training.parse(privacy.training.train(TrainingRequest.parse(request.body), me.name, world.now()));
  });
  app.post<{ Params: { id: string } }>('/api/v1/datasets/:ref/trainings/:id/cancel', async (request) =>
    Training.parse(privacy.training.cancel(request.params.id)),
  );
  app.post('/api/v1/datasets/:ref/queries', async (request) => {
    const me = who(request);
    requireRole(me, 'ask:Dataset', 'analyst');
    const answer = Answer.parse(privacy.ask(AskQuestion.parse(request.body), me.name, world.now()));
    world.record(me, answer.charged === '0' ? 'privacy.repeated' : 'privacy.released', {
      resource: { kind: 'dataset', id: privacy.dataset.id },
      details: { entry: answer.entryId, epsilon: answer.charged },
    });
    return answer;
  });

  app.get('/api/v1/projects/:name/keys', async (request) => {
    requireRole(who(request), 'read:KeyRotation', 'auditor', 'admin');
    return ProjectKeys.parse(keys.show(nameIn(request), world.now()));
  });
  app.post('/api/v1/projects/:name/keys/rotate', async (request, reply) => {
    const me = who(request);
    requireRole(me, 'start:KeyRotation', 'admin');
    const { fromVersion } = RotateKey.parse(request.body);
    return reply.status(202).send(KeyRotation.parse(keys.rotate(fromVersion, me.name, world.now())));
  });
  app.post('/api/v1/projects/:name/keys/rotation/cancel', async () =>
    KeyRotation.parse(keys.steer('cancelled')),
  );
  app.post('/api/v1/projects/:name/keys/rotation/resume', async () =>
    KeyRotation.parse(keys.steer('running')),
  );
  app.post('/api/v1/projects/:name/keys/:version/retire', async (request) => {
    const { version } = z.object({ version: z.coerce.number() }).parse(request.params);
    keys.retire(version, world.now());
    return ProjectKeys.parse(keys.show(nameIn(request), world.now()));
  });

  app.get('/api/v1/audit/events', async (request) => {
    requireRole(who(request), 'read:AuditLog', 'auditor', 'admin');
    return AuditPage.parse(log.search(AuditQuery.parse(request.query)));
  });
  app.get('/api/v1/audit/events/:ref/proof', async (request) =>
    InclusionProof.parse(log.prove(refIn(request))),
  );
}
