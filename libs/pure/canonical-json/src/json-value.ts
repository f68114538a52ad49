/** What JSON can say, and nothing else: the only type that has a canonical form. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [member: string]: JsonValue };
