import {
  ConfirmClassification,
  Dataset,
  DatasetTask,
  DatasetTaskList,
  OpenResult,
  ResultKey,
  StartTask,
} from '@castellan/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requireRole } from './fake-people.js';
import type { FakeWorld } from './fake-world.js';

const Task = z.object({ task: z.string() });

/** The routes of work on datasets that the console calls. */
export function protectionRoutes(app: FastifyInstance, world: FakeWorld): void {
  const { people, privacy, protection } = world;
  const who = (request: FastifyRequest) => people.who(request.headers.cookie);
  const taskIn = (request: FastifyRequest) => Task.parse(request.params).task;
  const tasks = '/api/v1/datasets/:ref/tasks';

  app.get(tasks, async (request) => {
    requireRole(who(request), 'read:DatasetTask', 'steward', 'analyst', 'reviewer', 'auditor', 'admin');
    return DatasetTaskList.parse({ tasks: protection.tasks });
  });
  app.post(tasks, async (request) => {
    const me = who(request);
    requireRole(me, 'request:DatasetTask', 'steward');
    const task = protection.request(StartTask.parse(request.body).request, me.name, world.now());
    if (task.kind === 'classify')
      setTimeout(
        () => protection.classify(task.id, 'cn_identity_card', '11••••••••••••04', world.now()),
        150,
      );
    if (task.kind === 'outliers') setTimeout(() => protection.outliers(task.id, world.now()), 150);
    return DatasetTask.parse(task);
  });
  app.post(`${tasks}/:task/start`, async (request) => {
    requireRole(who(request), 'start:DatasetTask', 'steward', 'reviewer');
    const id = taskIn(request);
    if (protection.tasks.find((task) => task.id === id)?.kind === 'reidentify')
      return DatasetTask.parse(protection.reidentify(id, 'p-1041', world.now()));
    return DatasetTask.parse(protection.mask(id, 'person_id,region\r\n5f1c,south\r\n', world.now()));
  });
  app.post(`${tasks}/:task/cancel`, async (request) => {
    requireRole(who(request), 'request:DatasetTask', 'steward');
    return DatasetTask.parse(protection.cancel(taskIn(request), world.now()));
  });
  app.post(`${tasks}/:task/key`, async (request) => {
    requireRole(who(request), 'open:DatasetTask', 'steward');
    return ResultKey.parse(protection.key(taskIn(request), OpenResult.parse(request.body).publicKey));
  });
  app.get(`${tasks}/:task/result`, async (request, reply) => {
    requireRole(who(request), 'open:DatasetTask', 'steward');
    return reply.type('application/octet-stream').send(await protection.sealed(taskIn(request)));
  });
  app.put('/api/v1/datasets/:ref/classification', async (request) => {
    const me = who(request);
    requireRole(me, 'classify:Dataset', 'steward');
    const { columns } = ConfirmClassification.parse(request.body);
    privacy.dataset.classification = {
      columns,
      confirmedBy: me.name,
      confirmedAt: world.now().toISOString(),
    };
    return Dataset.parse(privacy.dataset);
  });
}
