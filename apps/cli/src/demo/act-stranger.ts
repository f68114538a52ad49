import { z } from 'zod';
import { HttpConnection } from '../client/http-connection.js';
import type { Stage } from './stage.js';

const OpenApi = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** What the first organisation has: ids for the paths, and what betrays it in an answer. */
interface Belongings {
  readonly references: readonly string[];
  readonly marks: readonly string[];
}

/**
 * The stranger's walk: every route that the api itself lists, and the gateway's, with her own key and the first
 * organisation's ids. Gives the number of answers that were not for her: any success on another's id, and any list that
 * mentions something of theirs.
 */
export async function strangerWalks(stage: Stage): Promise<number> {
  const { narrator, cast, installation } = stage;
  narrator.interlude('Meanwhile the stranger tries every door');
  const api = cast.stranger.api.connection;
  const gateway = new HttpConnection({ url: stage.gatewayUrl, token: cast.stranger.token });
  const theirs = await belongings(stage);
  const { paths } = await api.json(OpenApi, 'GET', '/openapi.json');
  const seen: string[] = [];
  let tried = 0;
  for (const { method, path, onTheirs } of attempts(paths, theirs)) {
    tried += 1;
    if (await shows(api, method, path, onTheirs, theirs)) seen.push(`${method} ${path}`);
  }
  for (const [method, path] of gatewayRoutes) {
    tried += 1;
    if (await shows(gateway, method, path, true, theirs)) seen.push(`${method} ${path}`);
  }
  narrator.shown(
    seen.length === 0,
    `Mallory, of another organisation, tries ${tried} requests and sees ${seen.length}`,
  );
  seen.forEach((request) => narrator.tell(`  seen: ${request} (log: ${installation.folder.logFile('api')})`));
  return seen.length;
}

const gatewayRoutes = [
  ['GET', '/v2/models/digits'],
  ['GET', '/v2/models/speech'],
  ['GET', '/v2/models/speech/ready'],
  ['POST', '/v2/models/speech/infer'],
  ['POST', '/api/predict'],
] as const;

async function belongings({ cast }: Stage): Promise<Belongings> {
  const { admin, auditor } = cast;
  const [{ people }, { projects }, { models }, { deployments }, { datasets }, { documents }, { records }] =
    await Promise.all([
      admin.api.people(),
      admin.api.projects(),
      admin.api.models(),
      admin.api.deployments(),
      auditor.api.datasets(),
      auditor.api.documents(),
      auditor.api.auditEvents({ limit: '5' }),
    ]);
  const versions = (await Promise.all(models.map(({ name }) => admin.api.versions(name)))).flatMap(
    (list) => list.versions,
  );
  const ids = [people, projects, models, deployments, datasets, versions].flat().map(({ id }) => id);
  const digests = [...versions.map(({ digest }) => digest ?? ''), ...documents.map(({ digest }) => digest)];
  const names = [...models, ...deployments, ...datasets].map(({ name }) => name);
  const events = records.map(({ eventId }) => eventId);
  const refs = versions.map(({ model, number }) => `${model}@${number}`);
  return {
    references: [...new Set([...ids, ...names, ...refs, ...events])],
    marks: [...new Set([...ids, ...digests.filter((digest) => digest !== ''), ...events])],
  };
}

interface Attempt {
  readonly method: string;
  readonly path: string;
  /** Whether the path names something of theirs: then any success is one too many. */
  readonly onTheirs: boolean;
}

function attempts(paths: z.infer<typeof OpenApi>['paths'], { references }: Belongings): Attempt[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((name): Attempt[] => {
      const method = name.toUpperCase();
      if (path.includes('{'))
        return references.map((reference) => ({ method, path: filled(path, reference), onTheirs: true }));
      // What she makes without naming anything is her own organisation's, and none of our business.
      return method === 'GET' ? [{ method, path, onTheirs: false }] : [];
    }),
  );
}

function filled(path: string, reference: string): string {
  return path.replace(/\{[^}]+\}/g, encodeURIComponent(reference));
}

async function shows(
  connection: HttpConnection,
  method: string,
  path: string,
  onTheirs: boolean,
  { marks }: Belongings,
): Promise<boolean> {
  const sending = method === 'GET' || method === 'DELETE' ? {} : { json: requestBody(path) };
  const response = await connection.raw(method, path, sending);
  const body = await response.text();
  if (response.ok && onTheirs) return true;
  return response.ok && marks.some((mark) => body.includes(mark));
}

/** Good enough to get past the checks of shape, where there are any. */
function requestBody(path: string): unknown {
  if (path === '/api/predict') return { model: 'speech', input: [[0]] };
  if (path.endsWith('/infer'))
    return { inputs: [{ name: 'sr', datatype: 'INT64', shape: [], data: [16_000] }] };
  if (path.endsWith('/queries') || path.endsWith('/price'))
    return { sql: 'SELECT COUNT(*) FROM wages', epsilon: '0.1' };
  if (path.endsWith('/credentials')) return { kind: 'api_key', label: 'mine now' };
  return {};
}
