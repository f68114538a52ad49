import { createHash, X509Certificate } from 'node:crypto';
import { Integer, OctetString } from 'asn1js';
import {
  AlgorithmIdentifier,
  Certificate,
  ContentInfo,
  MessageImprint,
  SignedData,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
  type SignedDataVerifyParams,
  type SignedDataVerifyResult,
} from 'pkijs';
import { PkiError } from './pki-error.js';

/** What a time-stamp authority vouches for: these bytes existed at this time. */
export interface TimeStamp {
  /** By the authority's clock. */
  readonly time: Date;
  /** The certificate that signed, in one line. */
  readonly subject: string;
}

const SHA_256 = '2.16.840.1.101.3.4.2.1';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
/** Extended key usage (RFC 3161 §2.3). */
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const NONCE_BYTES = 16;

/**
 * The DER of a request to stamp `content` (RFC 3161 §2.4.1): its SHA-256, the nonce, and the wish for certificates.
 * @param nonce 16 random bytes, to tell the answer from a replayed one
 */
export function timeStampRequest(content: Uint8Array, nonce: Uint8Array): Uint8Array {
  if (nonce.length !== NONCE_BYTES) throw new PkiError('time_stamp_invalid', 'A nonce has 16 bytes.');
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256 }),
      hashedMessage: new OctetString({ valueHex: sha256(content) }),
    }),
    nonce: integerOf(nonce),
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}

/**
 * Takes the token out of an authority's answer (RFC 3161 §2.4.2), if it is the answer to this nonce. The token is verified
 * by `verifyTimeStamp`.
 * @throws PkiError `time_stamp_refused`, `time_stamp_invalid`
 */
export function readTimeStampReply(reply: Uint8Array, nonce: Uint8Array): Uint8Array {
  const { status, timeStampToken } = parsed(() => TimeStampResp.fromBER(Uint8Array.from(reply)));
  if (status.status > 1 || timeStampToken === undefined)
    throw new PkiError(
      'time_stamp_refused',
      `The time-stamp authority refused with status ${status.status}.`,
    );
  const given = tstInfoOf(signedDataOf(timeStampToken)).nonce;
  const expected = integerOf(nonce);
  if (given === undefined || !bytesOf(given).equals(bytesOf(expected)))
    throw new PkiError('time_stamp_invalid', 'The answer is to another question.');
  return new Uint8Array(timeStampToken.toSchema().toBER());
}

/**
 * Verifies a TimeStampToken over `content`: that it is of these bytes, that its signer's certificate is for time stamping
 * alone, and, with `trusted`, that this certificate was issued under one of those at the time that it states. The chain is
 * not looked up in revocation lists.
 *
 * @param token DER
 * @param trusted CA certificates in PEM; without any the certificate is taken from the token, and proves little
 * @throws PkiError `time_stamp_invalid`, `time_stamp_untrusted`
 */
export async function verifyTimeStamp(
  token: Uint8Array,
  content: Uint8Array,
  trusted: readonly string[] = [],
): Promise<TimeStamp> {
  const signed = signedDataOf(parsed(() => ContentInfo.fromBER(Uint8Array.from(token))));
  const { genTime, messageImprint } = tstInfoOf(signed);
  const isOfContent =
    messageImprint.hashAlgorithm.algorithmId === SHA_256 &&
    Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView).equals(Buffer.from(sha256(content)));
  if (!isOfContent) throw new PkiError('time_stamp_invalid', 'The time stamp is of other bytes.');
  const signer = await verifiedSigner(signed, content, trusted, genTime);
  const usages = (signer.keyUsage as string[] | undefined) ?? [];
  if (usages.length !== 1 || usages[0] !== TIME_STAMPING)
    throw new PkiError('time_stamp_untrusted', 'The certificate that signed is not one for time stamps.');
  return { time: genTime, subject: signer.subject.split('\n').join(', ') };
}

async function verifiedSigner(
  signed: SignedData,
  content: Uint8Array,
  trusted: readonly string[],
  time: Date,
): Promise<X509Certificate> {
  const { signatureVerified, signerCertificate } = await verdict(signed, content, { checkChain: false });
  if (signatureVerified !== true || !signerCertificate)
    throw new PkiError('time_stamp_invalid', "The time stamp's signature does not verify.");
  if (trusted.length > 0) {
    const trustedCerts = trusted.map((pem) =>
      Certificate.fromBER(Uint8Array.from(new X509Certificate(pem).raw)),
    );
    const chain = await verdict(signed, content, { checkChain: true, trustedCerts, checkDate: time });
    if (chain.signerCertificateVerified !== true)
      throw new PkiError(
        'time_stamp_untrusted',
        'The certificate that signed was not issued by the given CA.',
      );
  }
  return new X509Certificate(Buffer.from(signerCertificate.toSchema(true).toBER()));
}

type Verdict = Partial<
  Pick<SignedDataVerifyResult, 'signatureVerified' | 'signerCertificate' | 'signerCertificateVerified'>
>;

/** pkijs throws its own errors for whatever it can't process, and for a chain that it doesn't accept: not verified. */
async function verdict(
  signed: SignedData,
  content: Uint8Array,
  how: Omit<SignedDataVerifyParams, 'extendedMode'>,
): Promise<Verdict> {
  try {
    const data = Uint8Array.from(content).buffer;
    return await signed.verify({ signer: 0, data, ...how, extendedMode: true });
  } catch {
    return {};
  }
}

function signedDataOf(info: ContentInfo): SignedData {
  return parsed(() => new SignedData({ schema: info.content }));
}

function tstInfoOf(signed: SignedData): TSTInfo {
  return parsed(() => {
    const { eContent, eContentType } = signed.encapContentInfo;
    if (eContentType !== TST_INFO || eContent === undefined) throw new Error('no TSTInfo');
    return TSTInfo.fromBER(eContent.getValue());
  });
}

/** Attacker-controlled bytes: whatever the parser throws means "not a time stamp". */
function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new PkiError('time_stamp_invalid', 'It is not an RFC 3161 time stamp.', cause);
  }
}

function sha256(content: Uint8Array): ArrayBuffer {
  return Uint8Array.from(createHash('sha256').update(content).digest()).buffer;
}

/** Positive: a leading zero byte keeps the sign bit clear. */
function integerOf(nonce: Uint8Array): Integer {
  return new Integer({ valueHex: Uint8Array.from([0x01, ...nonce]).buffer });
}

function bytesOf(integer: Integer): Buffer {
  return Buffer.from(integer.valueBlock.valueHexView);
}
