import { CastellanError, type ErrorKind } from '@castellan/errors';
import { Problem } from '@castellan/contracts';

const KINDS: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'exhausted',
  415: 'invalid',
  422: 'invalid',
  429: 'exhausted',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

/**
 * The error that a refused request tells of, in the server's own words when it speaks problem+json; `meta.errors` has the
 * fields.
 */
export async function problemError(response: Response): Promise<CastellanError> {
  const kind = KINDS[response.status] ?? 'internal';
  const problem = Problem.safeParse(await jsonOf(response));
  const retryAfterMs = retryAfter(response);
  if (!problem.success)
    return new CastellanError({
      code: 'answer_malformed',
      kind,
      publicDetail: `${response.url} answered ${response.status} without saying why.`,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  const { code, detail, errors, meta, requestId } = problem.data;
  return new CastellanError({
    code,
    kind,
    publicDetail: detail,
    meta: { ...meta, ...(errors && { errors }), ...(requestId !== undefined && { requestId }) },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
