import { CastellanError } from '@castellan/errors';

export type CanonicalJsonErrorCode =
  'number_not_finite' | 'string_not_unicode' | 'value_not_json' | 'nesting_too_deep';

/** A value without a canonical form. `meta.path` is a JSON Pointer (RFC 6901) to the offending place. */
export class CanonicalJsonError extends CastellanError {
  declare readonly code: CanonicalJsonErrorCode;

  constructor(code: CanonicalJsonErrorCode, path: readonly string[], detail: string) {
    const pointer = toPointer(path);
    super({
      code,
      kind: 'invalid',
      publicDetail: `${detail} (at "${pointer}").`,
      meta: { path: pointer },
    });
  }
}

function toPointer(path: readonly string[]): string {
  return path
    .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
    .toWellFormed();
}
