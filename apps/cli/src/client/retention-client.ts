import {
  ExpiryPreview,
  ExpiryRun,
  ExpiryRunList,
  LegalHold,
  LegalHoldList,
  Retention,
  type CreateLegalHold,
  type PreviewExpiry,
  type RetentionDays,
  type RetentionScope,
} from '@castellan/contracts';
import type { HttpConnection } from './http-connection.js';

/** For how long events of one scope are kept. */
export class RetentionClient {
  constructor(
    private readonly connection: HttpConnection,
    private readonly scope: RetentionScope['scope'],
  ) {}

  show() {
    return this.connection.json(Retention, 'GET', this.#path(''));
  }

  set(days: RetentionDays) {
    return this.connection.json(Retention, 'PUT', this.#path(''), { json: { days } });
  }

  preview(request: PreviewExpiry) {
    return this.connection.json(ExpiryPreview, 'POST', this.#path('/preview'), { json: request });
  }

  /** Lets what is due expire; the answer is a run that has begun. */
  run() {
    return this.connection.json(ExpiryRun, 'POST', this.#path('/runs'), { json: {} });
  }

  runs() {
    return this.connection.json(ExpiryRunList, 'GET', this.#path('/runs'));
  }

  #path(rest: string): string {
    return `/api/v1/audit/retention${rest}?scope=${this.scope}`;
  }
}

const holds = '/api/v1/audit/holds';

export class HoldClient {
  constructor(private readonly connection: HttpConnection) {}

  list() {
    return this.connection.json(LegalHoldList, 'GET', holds);
  }

  set(request: CreateLegalHold) {
    return this.connection.json(LegalHold, 'POST', holds, { json: request });
  }

  askLift(id: string, reason: string) {
    const path = `${holds}/${encodeURIComponent(id)}/ask-lift`;
    return this.connection.json(LegalHold, 'POST', path, { json: { reason } });
  }

  lift(id: string) {
    return this.connection.json(LegalHold, 'POST', `${holds}/${encodeURIComponent(id)}/lift`, { json: {} });
  }
}
