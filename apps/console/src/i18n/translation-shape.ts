import type { en } from './en/index.js';

/** Another language has every key of English; plural forms it names itself, so `_one` may be missing and `_other` not. */
type Translated<T> = {
  readonly [K in keyof T as K extends `${string}_one` ? never : K]: T[K] extends string
    ? string
    : Translated<T[K]>;
};

export type Translation = Translated<typeof en>;
