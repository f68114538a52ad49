import type { Problem } from '@castellan/contracts';

/** A refusal on its way to becoming problem+json. */
export class FakeRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
  }

  problem(): Problem {
    const { status, code, detail } = this;
    return { type: `urn:castellan:problem:${code}`, title: 'Refused', status, code, detail };
  }
}
