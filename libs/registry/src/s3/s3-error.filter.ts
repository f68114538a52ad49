import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { asCastellanError, statusOf } from '@castellan/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { xmlError } from './s3-xml.js';

/** What S3 calls our refusals, and answers them with. Those not named here go by their kind. */
const NAMED: Readonly<Record<string, readonly [code: string, status: number]>> = {
  credentials_missing: ['AccessDenied', 403],
  credentials_invalid: ['InvalidAccessKeyId', 403],
  cross_site_request: ['AccessDenied', 403],
  not_permitted: ['AccessDenied', 403],
  signature_malformed: ['AuthorizationHeaderMalformed', 400],
  signature_mismatch: ['SignatureDoesNotMatch', 403],
  request_time_skewed: ['RequestTimeTooSkewed', 403],
  object_signature_mismatch: ['SignatureDoesNotMatch', 403],
  object_malformed: ['InvalidRequest', 400],
  object_differs: ['BadDigest', 400],
  object_incomplete: ['IncompleteBody', 400],
  object_length_missing: ['MissingContentLength', 411],
  object_unknown: ['NoSuchKey', 404],
  object_key_invalid: ['InvalidArgument', 400],
  file_path_invalid: ['InvalidArgument', 400],
  version_unknown: ['NoSuchKey', 404],
  project_unknown: ['NoSuchBucket', 404],
  version_not_uploading: ['InvalidObjectState', 403],
  parted_upload_unknown: ['NoSuchUpload', 404],
  parted_upload_busy: ['OperationAborted', 409],
  part_invalid: ['InvalidPart', 400],
  part_order_invalid: ['InvalidPartOrder', 400],
  part_number_invalid: ['InvalidArgument', 400],
  part_list_malformed: ['MalformedXML', 400],
  quota_exceeded: ['EntityTooLarge', 413],
  s3_not_offered: ['NotImplemented', 501],
};

const BY_KIND = {
  invalid: 'InvalidRequest',
  unauthenticated: 'AccessDenied',
  forbidden: 'AccessDenied',
  not_found: 'NoSuchKey',
  conflict: 'OperationAborted',
  exhausted: 'SlowDown',
  unavailable: 'ServiceUnavailable',
  internal: 'InternalError',
} as const;

/** Failures in the form that S3 clients read. Internal ones are logged. */
@Catch()
export class S3ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = asCastellanError(thrown);
    if (error.kind === 'internal') this.#logger.error({ requestId: request.id, err: error }, error.code);
    if (reply.sent) return;
    const [code, status] = NAMED[error.code] ?? [BY_KIND[error.kind], statusOf(error)];
    void reply.status(status).header('content-type', 'application/xml');
    const content = [
      ['Code', code],
      ['Message', `${error.code}: ${error.publicDetail}`],
      ['RequestId', request.id],
    ] as const;
    void reply.send(request.method === 'HEAD' ? '' : xmlError(content));
  }
}
