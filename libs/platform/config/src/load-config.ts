import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError, type ConfigFault } from './config-error.js';
import type { ConfigOf, ConfigSlice, Setting } from './setting.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses every slice from one environment and gives them back under the same keys, frozen.
 *
 * A secret `NAME` may come from the file named by `NAME_FILE` (one trailing line break is dropped); both at once is a
 * fault. An empty variable counts as absent, since `X=` in an env file means "not set".
 *
 * @throws ConfigError with all faults of all slices, by variable name, never with a value.
 *
 * @example
 * const config = loadConfig({ http: httpConfig, database: databaseConfig }, environment());
 * config.http.port;
 */
export function loadConfig<S extends Readonly<Record<string, ConfigSlice>>>(
  slices: S,
  env: Environment,
): { readonly [K in keyof S]: ConfigOf<S[K]> } {
  const faults: ConfigFault[] = [];
  const loaded = Object.fromEntries(
    Object.entries(slices).map(([key, slice]) => [key, Object.freeze(loadSlice(slice, env, faults))]),
  );
  if (faults.length > 0) throw new ConfigError(uniqueFaults(faults));
  // The mapped type says what loadSlice built key by key; TypeScript can't follow Object.fromEntries.
  return Object.freeze(loaded) as { readonly [K in keyof S]: ConfigOf<S[K]> };
}

function loadSlice(slice: ConfigSlice, env: Environment, faults: ConfigFault[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [property, declared] of Object.entries(slice)) {
    const text = readText(declared, env, faults);
    if (text === unreadable) continue;
    const parsed = declared.schema.safeParse(text);
    if (parsed.success) values[property] = parsed.data;
    else
      faults.push({
        name: declared.name,
        fault: text === undefined ? 'is required' : faultOf(parsed.error, text),
      });
  }
  return values;
}

const unreadable = Symbol('unreadable');

function readText(
  { name, secret }: Setting<unknown>,
  env: Environment,
  faults: ConfigFault[],
): string | undefined | typeof unreadable {
  const direct = presence(env[name]);
  const path = secret ? presence(env[`${name}_FILE`]) : undefined;
  if (path === undefined) return direct;
  if (direct !== undefined) {
    faults.push({ name, fault: `is given twice, directly and by ${name}_FILE` });
    return unreadable;
  }
  try {
    return presence(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    const code =
      error !== null && typeof error === 'object' && 'code' in error ? String(error.code) : 'unknown';
    faults.push({ name: `${name}_FILE`, fault: `names a file that can't be read (${code})` });
    return unreadable;
  }
}

function presence(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

/** Schemas word faults by rule, but a careless refinement could quote the value: then only the rule's name is kept. */
function faultOf(error: z.ZodError, value: string): string {
  return error.issues
    .map((issue) => (value.length > 3 && issue.message.includes(value) ? issue.code : issue.message))
    .join(', ');
}

/** Two slices may share a variable; its fault is told once. */
function uniqueFaults(faults: readonly ConfigFault[]): ConfigFault[] {
  return [...new Map(faults.map((fault) => [`${fault.name} ${fault.fault}`, fault])).values()];
}
