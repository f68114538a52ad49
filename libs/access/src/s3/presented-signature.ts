import { AccessError } from '../access-error.js';

/** A request as it came in: nothing decoded, no header replaced. */
export interface SignedHttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Name, value, name, value, as Node gives them. */
  readonly rawHeaders: readonly string[];
}

/** What an Authorization header of AWS Signature Version 4 says. Nothing of it is believed yet. */
export interface PresentedSignature {
  /** Id of an API key. */
  readonly accessKeyId: string;
  /** `day/region/s3/aws4_request`. Any region is taken. */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
  readonly amzDate: string;
  readonly signedAt: Date;
  /** SHA-256 of the body, or in which other way it is vouched for. */
  readonly payload: string;
  /** Lower-case names; blanks folded. */
  readonly headers: ReadonlyMap<string, string>;
}

const SHAPE =
  /^AWS4-HMAC-SHA256\s+Credential=([\w-]{1,64})\/((\d{8})\/[\w-]{1,64}\/s3\/aws4_request),\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;
const MUST_BE_SIGNED = ['host', 'x-amz-date', 'x-amz-content-sha256'];

export function saysAws4(authorization: string | undefined): authorization is string {
  return authorization?.startsWith('AWS4-HMAC-SHA256') === true;
}

/** @throws signature_malformed, also where a header that matters is not signed */
export function presentedSignature(request: SignedHttpRequest): PresentedSignature {
  const headers = foldedHeaders(request.rawHeaders);
  const [, accessKeyId, scope, day, signed, signature] = SHAPE.exec(headers.get('authorization') ?? '') ?? [];
  if (!accessKeyId || !scope || !signed || !signature)
    throw malformed('The Authorization header is not one of AWS Signature Version 4 for S3.');
  const amzDate = headers.get('x-amz-date') ?? '';
  const signedAt = momentOf(amzDate);
  if (signedAt === undefined || !amzDate.startsWith(`${day}T`))
    throw malformed('x-amz-date must be the moment of signing, on the day that the credential names.');
  const signedHeaders = signed.split(';');
  const amz = [...headers.keys()].filter((name) => name.startsWith('x-amz-'));
  const unsigned = [...MUST_BE_SIGNED, ...amz].find((name) => !signedHeaders.includes(name));
  if (unsigned !== undefined) throw malformed(`The header ${unsigned} must be there and be signed.`);
  const payload = headers.get('x-amz-content-sha256') ?? '';
  return { accessKeyId, scope, signedHeaders, signature, amzDate, signedAt, payload, headers };
}

function foldedHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    const value = raw[at + 1]?.trim().replaceAll(/ +/g, ' ') ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

function momentOf(amzDate: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const moment = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

function malformed(publicDetail: string): AccessError {
  return new AccessError({ code: 'signature_malformed', kind: 'unauthenticated', publicDetail });
}
