import type { S3Source } from '@castellan/contracts';

/** Where a bucket's server is, in one spelling. */
export function endpointOf({ endpoint, region }: S3Source): string {
  const aws = `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return new URL(endpoint ?? aws).origin;
}

/** `https://host/bucket`, as the operator lists it. */
export function bucketAddress(source: S3Source): string {
  return `${endpointOf(source)}/${source.bucket}`;
}

/** For people. */
export function objectName({ bucket, key }: S3Source): string {
  return `s3://${bucket}/${key}`;
}
