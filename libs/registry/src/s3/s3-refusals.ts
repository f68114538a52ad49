import type { ErrorKind } from '@castellan/errors';
import { RegistryError, type RegistryErrorCode } from '../registry-error.js';

const refusal = (code: RegistryErrorCode, kind: ErrorKind, publicDetail: string) =>
  new RegistryError(code, { kind, publicDetail });

export const objectMalformed = () =>
  refusal('object_malformed', 'invalid', 'The body is not framed as "aws-chunked", or ends too early.');

export const objectSignatureMismatch = () =>
  refusal(
    'object_signature_mismatch',
    'unauthenticated',
    'A chunk of the body does not have the signature that its key makes.',
  );

export const objectDiffers = (digest: string) =>
  refusal('object_differs', 'invalid', `What arrived does not have the ${digest} that was sent with it.`);

export const objectIncomplete = (declared: number, came: number) =>
  refusal('object_incomplete', 'invalid', `${came} bytes came of the ${declared} that were declared.`);

export const objectLengthMissing = () =>
  refusal(
    'object_length_missing',
    'invalid',
    'Say how long it is: Content-Length, or for aws-chunked x-amz-decoded-content-length.',
  );

export const checksumUnknown = (name: string) =>
  refusal(
    's3_not_offered',
    'invalid',
    `A body vouched for by ${JSON.stringify(name.slice(0, 50))} is not taken here.`,
  );

export const objectUnknown = () =>
  refusal('object_unknown', 'not_found', 'This version has no such file (yet).');

export const bucketUnknown = (bucket: string) =>
  refusal(
    'project_unknown',
    'not_found',
    `There is no project ${JSON.stringify(bucket.slice(0, 100))} with such a version.`,
  );

export const keyInvalid = () =>
  refusal(
    'object_key_invalid',
    'invalid',
    'A key is model/number/path, into a version that is open for upload: digits/1/model.h5.',
  );

export const partedUploadUnknown = () =>
  refusal(
    'parted_upload_unknown',
    'not_found',
    'There is no such multipart upload. It was completed with other parts, given up, too old, or the api was started anew ' +
      'since: its parts could be opened by the process that sealed them only. Begin again, or send by tus what must outlast that.',
  );

export const partedUploadBusy = () =>
  refusal('parted_upload_busy', 'conflict', 'This multipart upload is being completed.');

export const partInvalid = (number: number) =>
  refusal('part_invalid', 'invalid', `Part ${number} was not uploaded, or has another ETag.`);

export const partOrderInvalid = () =>
  refusal('part_order_invalid', 'invalid', 'The parts must be listed by rising number.');

export const partNumberInvalid = () =>
  refusal('part_number_invalid', 'invalid', 'A part has a number from 1 to 10000.');

export const partListMalformed = () =>
  refusal('part_list_malformed', 'invalid', 'Send the parts as the XML of CompleteMultipartUpload.');

export const notOffered = (publicDetail: string) => refusal('s3_not_offered', 'invalid', publicDetail);
