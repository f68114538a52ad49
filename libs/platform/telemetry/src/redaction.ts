/**
 * Members that are never written, wherever they turn up in the first three levels of a log entry. The rule is not to log
 * secrets; this is for the day when somebody logs a whole request.
 */
const secretMembers = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'passphrase',
  'secret',
  'token',
  'privateKey',
  'key',
  'dataKey',
  'url',
  'databaseUrl',
  'connectionString',
];

/** Paths in pino's own notation. */
export const redactedPaths: string[] = secretMembers.flatMap((member) => {
  const step = `["${member}"]`;
  return [step, `*${step}`, `*.*${step}`];
});
