import { CastellanError } from '@castellan/errors';

/** Why a document, or the sum of all documents, does not hold up. The same words stand in refusals and in errors. */
export type TrustErrorCode =
  | 'document_malformed'
  | 'document_kind_unknown'
  | 'signature_invalid'
  | 'signer_not_officer'
  | 'manifest_mismatch'
  | 'policy_missing'
  | 'policy_untrusted'
  | 'policy_for_other_project'
  | 'reviewer_untrusted'
  | 'reviewer_out_of_scope'
  | 'reviewer_certificate_expired'
  | 'reviewer_certificate_revoked'
  | 'author_may_not_review'
  | 'approval_missing'
  | 'approval_expired'
  | 'approval_not_yet_valid'
  | 'approval_revoked'
  | 'approval_for_other_digest'
  | 'approval_for_other_policy'
  | 'approval_for_other_project'
  | 'gate_unmet'
  | 'request_rejected'
  | 'requester_may_not_approve'
  | 'quorum_not_met'
  | 'version_rejected'
  | 'version_revoked';

/** Raised for a document that gives no trust. `kind` is `invalid` when it can't be read, otherwise `forbidden`. */
export class TrustError extends CastellanError {
  declare readonly code: TrustErrorCode;

  constructor(code: TrustErrorCode, publicDetail: string, cause?: unknown) {
    super({ code, kind: unreadable.has(code) ? 'invalid' : 'forbidden', publicDetail, cause });
  }
}

const unreadable: ReadonlySet<TrustErrorCode> = new Set(['document_malformed', 'document_kind_unknown']);
