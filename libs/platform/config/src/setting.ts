import { z } from 'zod';

export interface SettingNotes {
  /** Never printed, and may also be given as the path of a file in `NAME_FILE`. */
  readonly secret?: boolean;
  /** One line for `.env.example`. */
  readonly about: string;
}

/** One environment variable: its name, how its text becomes a value, and what it is for. */
export interface Setting<T> extends SettingNotes {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** A lib's part of the configuration: property name → setting. */
export type ConfigSlice = Readonly<Record<string, Setting<unknown>>>;

/** What `loadConfig` makes of a slice. */
export type ConfigOf<S extends ConfigSlice> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/**
 * Declares one environment variable. The schema reads a string (absent: `undefined`), so numbers and flags use
 * `z.coerce.number()`, `flag()` and the like; a setting without a default is required.
 *
 * @example
 * export const httpConfig = {
 *   port: setting('PORT', z.coerce.number().int().min(0).max(65535).default(8080), { about: 'TCP port' }),
 * };
 * export type HttpConfig = ConfigOf<typeof httpConfig>;
 */
export function setting<T>(name: string, schema: z.ZodType<T>, notes: SettingNotes): Setting<T> {
  return { name, schema, ...notes };
}

/** `true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`. Anything else is a fault, so that a typo doesn't mean "off". */
export function flag(): z.ZodType<boolean> {
  return z.stringbool({
    truthy: ['true', '1', 'yes', 'on'],
    falsy: ['false', '0', 'no', 'off'],
  });
}
