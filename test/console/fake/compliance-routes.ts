import {
  AcknowledgeAlarm,
  Alarm,
  AlarmList,
  AlarmQuery,
  AuditExport,
  AuditExportList,
  ForwardingDeliveryList,
  ForwardingTargetList,
  RequestAuditExport,
  Trace,
  Watching,
  WatchSettings,
} from '@castellan/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requireRole } from './fake-people.js';
import { FakeRefusal } from './fake-refusal.js';
import type { FakeWorld } from './fake-world.js';

/** The routes of compliance that the console calls. */
export function complianceRoutes(app: FastifyInstance, world: FakeWorld): void {
  const { people, compliance } = world;
  const who = (request: FastifyRequest) => people.who(request.headers.cookie);
  const readers = ['auditor', 'admin'] as const;

  app.get('/api/v1/audit/alarms', async (request) => {
    requireRole(who(request), 'read:Alarm', ...readers);
    return AlarmList.parse(compliance.list(AlarmQuery.parse(request.query)));
  });
  app.post('/api/v1/audit/alarms/:id/acknowledge', async (request) => {
    const me = who(request);
    requireRole(me, 'acknowledge:Alarm', ...readers);
    const { id } = z.object({ id: z.string() }).parse(request.params);
    const { reason } = AcknowledgeAlarm.parse(request.body);
    return Alarm.parse(compliance.acknowledge(id, reason, me.name, world.now()));
  });
  app.get('/api/v1/audit/watching', async () => Watching.parse(compliance.watching()));
  app.put('/api/v1/audit/watching', async (request) => {
    requireRole(who(request), 'change:WatchSetting', 'admin');
    return Watching.parse(compliance.change(WatchSettings.parse(request.body)));
  });

  app.get('/api/v1/audit/exports', async () => AuditExportList.parse({ exports: compliance.exports }));
  app.post('/api/v1/audit/exports', async (request) => {
    const me = who(request);
    requireRole(me, 'create:AuditExport', ...readers);
    const asked = RequestAuditExport.parse(request.body);
    return AuditExport.parse(compliance.request(asked, me.name, world.now()));
  });
  app.get('/api/v1/audit/targets', async () => ForwardingTargetList.parse({ targets: compliance.targets }));
  app.get('/api/v1/audit/targets/:id/deliveries', async () =>
    ForwardingDeliveryList.parse({ deliveries: compliance.deliveries }),
  );
  app.get('/api/v1/trace/:kind/:ref', async () => {
    if (compliance.trace === undefined)
      throw new FakeRefusal(404, 'trace_subject_unknown', 'There is no such thing.');
    return Trace.parse(compliance.trace);
  });
}
