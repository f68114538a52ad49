/** The closed list of ways in which something can fail. The domain never names HTTP; one filter maps kind to status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'exhausted'
  | 'unavailable'
  | 'internal';

export interface ErrorDetails {
  /** A stable snake_case identifier that callers may branch on, for example `approval_missing`. */
  readonly code: string;
  readonly kind: ErrorKind;
  /** The real cause in one sentence, safe to show to the person who asked. Never a secret, never protected data. */
  readonly publicDetail: string;
  readonly cause?: unknown;
  /** Present when the same call may succeed later: how long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Structured facts for the client (field paths, expected and given values). */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** The base of every error that Castellan raises on purpose. Anything else that is thrown is a defect. */
export class CastellanError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly publicDetail: string;
  readonly retryAfterMs: number | undefined;
  readonly meta: Readonly<Record<string, unknown>> | undefined;

  constructor(details: ErrorDetails) {
    super(
      `${details.code}: ${details.publicDetail}`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.name = new.target.name;
    this.code = details.code;
    this.kind = details.kind;
    this.publicDetail = details.publicDetail;
    this.retryAfterMs = details.retryAfterMs;
    this.meta = details.meta;
  }
}
