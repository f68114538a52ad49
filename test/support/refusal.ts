import { CastellanError } from '@castellan/errors';

/** What somebody is told who is refused. */
export interface Refusal {
  readonly code: string;
  readonly kind: string;
  readonly detail: string;
  readonly meta?: unknown;
}

/** The refusal that an attempt meets. @throws when it meets none, or an error without a code */
export async function refusalOf(attempt: () => Promise<unknown>): Promise<Refusal> {
  let answer: unknown;
  try {
    answer = await attempt();
  } catch (error) {
    if (!(error instanceof CastellanError)) throw error;
    const { code, kind, publicDetail: detail, meta } = error;
    return { code, kind, detail, meta };
  }
  throw new Error(`expected a refusal, was answered ${JSON.stringify(answer)}`);
}
