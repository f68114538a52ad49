import { canonicalize, type JsonValue } from '@castellan/canonical-json';
import { STATEMENT_TYPE } from '@castellan/dsse/web';

/** The bytes to sign: the canonical JSON (RFC 8785) of a statement about one subject. */
export function statementPayload(
  subject: { readonly name: string; readonly sha256: string },
  predicateType: string,
  predicate: { readonly [member: string]: JsonValue },
): Uint8Array<ArrayBuffer> {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: subject.name, digest: { sha256: subject.sha256 } }],
    predicateType,
    predicate,
  };
  return new TextEncoder().encode(canonicalize(statement));
}
