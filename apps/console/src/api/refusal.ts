/**
 * What a call failed with, in the server's own words. `code` is stable; `detail` names the real cause. Without a server's
 * word: `unreachable` (no answer), `answer_unreadable` (not one of ours), with an empty `detail`.
 */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: readonly { readonly path: string; readonly message: string }[] = [],
  ) {
    super(`${code}: ${detail}`);
    this.name = 'Refusal';
  }
}

export const unreachable = (): Refusal => new Refusal(0, 'unreachable', '');
export const answerUnreadable = (status: number): Refusal => new Refusal(status, 'answer_unreadable', '');
