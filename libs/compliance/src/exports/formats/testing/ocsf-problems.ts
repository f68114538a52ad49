type Members = Readonly<Record<string, unknown>>;

interface ClassShape {
  readonly required: readonly string[];
  readonly activities: readonly number[];
  /** At least one of these, in the object of this path; the empty path is the event itself. */
  readonly atLeastOne: Readonly<Record<string, readonly string[]>>;
}

const base = ['activity_id', 'category_uid', 'class_uid', 'type_uid', 'severity_id', 'time', 'metadata'];
const user = ['account', 'name', 'uid'];
const actor = ['process', 'user', 'session', 'app_name', 'app_uid'];
const endpoint = [
  'ip',
  'uid',
  'name',
  'hostname',
  'svc_name',
  'instance_uid',
  'interface_uid',
  'interface_name',
];

/** From ocsf-schema 1.8.0: events/application/api_activity.json, events/iam/authentication.json and account_change.json, and
 * events/findings/detection_finding.json. */
const classes: Readonly<Record<number, ClassShape>> = {
  6003: {
    required: ['actor', 'api', 'src_endpoint'],
    activities: [0, 1, 2, 3, 4, 99],
    atLeastOne: { actor, 'actor.user': user, src_endpoint: endpoint },
  },
  2004: {
    required: ['finding_info'],
    activities: [0, 1, 2, 3, 99],
    atLeastOne: {},
  },
  3002: {
    required: ['user'],
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 99],
    atLeastOne: { '': ['service', 'dst_endpoint'], user, actor, 'actor.user': user, src_endpoint: endpoint },
  },
  3001: {
    required: ['user'],
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99],
    atLeastOne: { user, actor, 'actor.user': user, src_endpoint: endpoint },
  },
};

/** What a validator that checks required members, enumerations and constraints has to say about an event. */
export function ocsfProblems(event: Members): string[] {
  const shape = classes[Number(event['class_uid'])];
  if (shape === undefined) return [`class ${String(event['class_uid'])} is not one of ours`];
  const { category_uid, class_uid, type_uid, activity_id, severity_id, status_id, time } = event;
  const metadata = at(event, 'metadata');
  const checks: readonly (readonly [boolean, string])[] = [
    ...[...base, ...shape.required].map(
      (name) => [event[name] !== undefined, `${name} is required`] as const,
    ),
    [category_uid === Math.floor(Number(class_uid) / 1000), 'category_uid is not the one of the class'],
    [
      shape.activities.includes(Number(activity_id)),
      `activity_id ${String(activity_id)} is not in the class`,
    ],
    [
      type_uid === Number(class_uid) * 100 + Number(activity_id),
      'type_uid is not class_uid * 100 + activity_id',
    ],
    [[0, 1, 2, 3, 4, 5, 6, 99].includes(Number(severity_id)), 'severity_id is unknown'],
    [
      (class_uid === 2004 ? [0, 1, 2, 3, 4, 5, 6] : [0, 1, 2]).includes(Number(status_id)),
      'status_id is unknown',
    ],
    [
      class_uid !== 2004 ||
        ['uid', 'title'].every((name) => typeof at(event, 'finding_info')?.[name] === 'string'),
      'finding_info needs uid and title',
    ],
    [
      class_uid !== 2004 || at(event, 'finding_info.analytic')?.['type_id'] !== undefined,
      'analytic.type_id is required',
    ],
    [Number.isSafeInteger(time) && Number(time) > 1e12, 'time is not in milliseconds'],
    [metadata?.['version'] === '1.8.0', 'metadata.version is not 1.8.0'],
    [at(event, 'metadata.product')?.['name'] !== undefined, 'metadata.product has no name'],
    [metadata?.['profiles'] === undefined, 'a profile is named whose members are not checked'],
    [class_uid !== 6003 || at(event, 'api')?.['operation'] !== undefined, 'api.operation is required'],
  ];
  const constraints = Object.entries(shape.atLeastOne).flatMap(([path, names]) => {
    const object = path === '' ? event : at(event, path);
    return object === undefined || names.some((name) => object[name] !== undefined)
      ? []
      : [`${path} needs one of ${names.join(', ')}`];
  });
  return [...checks.flatMap(([holds, problem]) => (holds ? [] : [problem])), ...constraints];
}

function at(event: Members, path: string): Members | undefined {
  return path.split('.').reduce<unknown>((value, name) => (value as Members | undefined)?.[name], event) as
    Members | undefined;
}
