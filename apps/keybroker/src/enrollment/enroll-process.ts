import { X509Certificate } from 'node:crypto';
import type { AuditLog, Clock } from '@castellan/audit';
import type { EnrollRequest, EnrollResponse } from '@castellan/contracts';
import type { CertificateAuthority } from '@castellan/pki';
import { keybrokerEvents } from '../keybroker-events.js';
import { KeybrokerError } from '../keybroker-error.js';
import type { RequestRate } from '../request-rate.js';
import type { JoinTokens } from './join-tokens.js';

/** How long a process's certificate lives. It asks for a new one long before. */
export const PROCESS_CERTIFICATE_TTL_MS = 24 * 3_600_000;

/** Gives a process its certificate, against the token of its role. */
export class EnrollProcess {
  constructor(
    private readonly tokens: JoinTokens,
    private readonly failures: RequestRate,
    private readonly authority: CertificateAuthority,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** @throws KeybrokerError `enrollment_refused`, `request_rate_exceeded`; PkiError `csr_invalid`, `identity_invalid` */
  async enroll({ role, name, csr, token }: EnrollRequest, source: string): Promise<EnrollResponse> {
    const actor = { kind: 'process', id: `${role}/${name}`, name } as const;
    if (!this.tokens.admits(role, token)) throw await this.#refuse(role, source);
    const terms = { role, name, ttlMs: PROCESS_CERTIFICATE_TTL_MS, now: this.clock.now() };
    const certificate = this.authority.signCsr(csr, terms);
    const { fingerprint256, validTo } = new X509Certificate(certificate);
    await this.audit.appendDurably(
      keybrokerEvents.event('process.enrolled', {
        actor,
        decision: 'allow',
        source,
        details: {
          certificate: fingerprint256.replaceAll(':', '').toLowerCase(),
          notAfter: new Date(validTo).toISOString(),
        },
      }),
    );
    return { certificate, ca: this.authority.certificatePem };
  }

  /** Failures share one allowance, so that strangers can't fill the log; those with a token are not held up by it. */
  async #refuse(role: string, source: string): Promise<KeybrokerError> {
    this.failures.take('somebody without a join token');
    const reason = `not the join token of ${role}`;
    const refused = { actor: { kind: 'anonymous' }, decision: 'deny', reason, source } as const;
    await this.audit.appendDurably(keybrokerEvents.event('process.refused', refused));
    return new KeybrokerError({
      code: 'enrollment_refused',
      kind: 'unauthenticated',
      publicDetail: `This is not the join token of the role ${role}.`,
    });
  }
}
