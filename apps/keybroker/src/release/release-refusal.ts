import { KeybrokerError } from '../keybroker-error.js';

/** Why keys stay where they are. */
export interface RefusalReason {
  readonly code: string;
  readonly detail: string;
}

/** `release_refused`, with every reason in `meta.reasons`. */
export class ReleaseRefusal extends KeybrokerError {
  constructor(readonly reasons: readonly RefusalReason[]) {
    super({
      code: 'release_refused',
      kind: 'forbidden',
      publicDetail: `The key is not released. ${reasons.map(({ detail }) => detail).join(' ')}`,
      meta: { reasons },
    });
  }
}
