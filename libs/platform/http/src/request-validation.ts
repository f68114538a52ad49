import { StandardSchemaValidationPipe } from '@nestjs/common';
import { HttpError } from './http-error.js';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}

/** Checks every argument that has a schema; a refusal lists one message a field, at most a hundred. */
export function requestValidation(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues: readonly Issue[]) => refusal(issues),
  });
}

function refusal(issues: readonly Issue[]): HttpError {
  const byField = new Map<string, string>();
  for (const { path = [], message } of issues) {
    const field = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
    if (byField.size < 100 && !byField.has(field)) byField.set(field, message);
  }
  const errors = [...byField].map(([path, message]) => ({ path, message }));
  const fields = errors
    .slice(0, 5)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return new HttpError({
    code: 'request_invalid',
    kind: 'invalid',
    publicDetail: `${fields.join('; ')}${errors.length > 5 ? `; and ${errors.length - 5} more` : ''}.`,
    meta: { errors },
  });
}
