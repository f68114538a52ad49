import { z } from 'zod';
import { HttpConnection } from '../client/http-connection.js';
import type { Stage } from './stage.js';

const OpenApi = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

const AT_ONCE = 8;
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

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
  const { lists, named } = attempts(paths, theirs);
  // Lists first: what she names in vain is recorded in her own organisation's log.
  const seen = [
    ...(await walk(lists, (attempt) => showsTheirs(api, attempt, theirs))),
    ...(await walk(named, async (attempt) => (await ask(api, attempt)).ok)),
    ...(await walk(gatewayRoutes, async (attempt) => (await ask(gateway, attempt)).ok)),
  ];
  const tried = lists.length + named.length + gatewayRoutes.length;
  narrator.shown(
    seen.length === 0,
    `Mallory, of another organisation, tries ${tried} requests and sees ${seen.length}`,
  );
  seen.forEach((request) => narrator.tell(`  seen: ${request} (log: ${installation.folder.logFile('api')})`));
  return seen.length;
}

interface Attempt {
  readonly method: string;
  readonly path: string;
}

const gatewayRoutes: readonly Attempt[] = [
  { method: 'GET', path: '/v2/models/digits' },
  { method: 'GET', path: '/v2/models/speech' },
  { method: 'GET', path: '/v2/models/speech/ready' },
  { method: 'POST', path: '/v2/models/speech/infer' },
  { method: 'POST', path: '/api/predict' },
];

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
  const marks = new Set([...ids, ...digests.filter((digest) => digest !== ''), ...events]);
  // Who founded her organisation stands in that organisation's first event, and she may know it.
  marks.delete(admin.id);
  return { references: [...new Set([...ids, ...names, ...refs, ...events])], marks: [...marks] };
}

/** What she makes without naming anything is her own organisation's, and none of our business. */
function attempts(
  paths: z.infer<typeof OpenApi>['paths'],
  { references }: Belongings,
): { lists: Attempt[]; named: Attempt[] } {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
  return {
    lists: routes.filter(({ method, path }) => method === 'GET' && !path.includes('{')),
    // OPTIONS says what the protocol can do, to anybody, and reads nothing.
    named: routes
      .filter(({ method, path }) => path.includes('{') && method !== 'OPTIONS')
      .flatMap(({ method, path }) =>
        references.map((reference) => ({ method, path: filled(path, reference) })),
      ),
  };
}

function filled(path: string, reference: string): string {
  return path.replace(/\{[^}]+\}/g, encodeURIComponent(reference));
}

/** Several at a time; gives those that showed something. */
async function walk(
  all: readonly Attempt[],
  shows: (attempt: Attempt) => Promise<boolean>,
): Promise<string[]> {
  const left = [...all];
  const seen: string[] = [];
  const one = async (): Promise<void> => {
    for (let attempt = left.pop(); attempt !== undefined; attempt = left.pop())
      if (await shows(attempt)) seen.push(`${attempt.method} ${attempt.path}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return seen;
}

async function showsTheirs(
  connection: HttpConnection,
  attempt: Attempt,
  { marks }: Belongings,
): Promise<boolean> {
  const { ok, body } = await ask(connection, attempt);
  return ok && marks.some((mark) => body.includes(mark));
}

async function ask(
  connection: HttpConnection,
  { method, path }: Attempt,
): Promise<{ ok: boolean; body: string }> {
  const sending = WITHOUT_BODY.has(method) ? {} : { json: requestBody(path) };
  const response = await connection.raw(method, path, sending);
  return { ok: response.ok, body: await response.text() };
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
