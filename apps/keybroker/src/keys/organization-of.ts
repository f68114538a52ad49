import type { Database } from '@castellan/database';
import { KeybrokerError } from '../keybroker-error.js';

/** The organisation whose log shows what happens to a project's keys. @throws KeybrokerError `project_unknown` */
export async function organizationOf(database: Database, projectId: string): Promise<string> {
  const project = await database.client.project.findUnique({ where: { id: projectId } });
  if (project !== null) return project.organizationId;
  const publicDetail = 'There is no such project.';
  throw new KeybrokerError({ code: 'project_unknown', kind: 'not_found', publicDetail });
}
