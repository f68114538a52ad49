import type { S3Source } from '@castellan/contracts';
import { PrivacyError } from '../privacy-error.js';
import { bucketAddress, objectName } from './bucket-address.js';
import { sourceRefused } from './source-refused.js';

export function sourceChanged(source: S3Source): PrivacyError {
  return new PrivacyError('source_changed', {
    kind: 'conflict',
    publicDetail: `The object ${objectName(source)} is another one than was sealed, or is gone. Nothing was charged. Its steward seals the access key anew, which takes the object as it is then, and says that it is other data.`,
  });
}

export function objectAway(source: S3Source): PrivacyError {
  return new PrivacyError('source_unavailable', {
    kind: 'unavailable',
    publicDetail: `The store at ${bucketAddress(source)} does not answer, or not to the end. Nothing was charged.`,
    retryAfterMs: 5_000,
  });
}

/**
 * A store's refusal in our words. Its own are not kept, not as a cause either: they repeat the access key and what was signed.
 * `isPinned`: it was asked for the object that was sealed, and no other.
 */
export function s3Failure(cause: unknown, source: S3Source, isPinned: boolean): PrivacyError {
  if (cause instanceof PrivacyError) return cause;
  const { name, status } = answerOf(cause);
  if (status === 412 || status === 416) return sourceChanged(source);
  if (status === 404 && name !== 'NoSuchBucket')
    return isPinned
      ? sourceChanged(source)
      : sourceRefused(`There is no object ${objectName(source)}, or this access key may not see it.`);
  if (status >= 300 && status < 400)
    return sourceRefused(
      `The store at ${bucketAddress(source)} points elsewhere (${status}), which is not followed.`,
    );
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    return sourceRefused(
      `The store at ${bucketAddress(source)} refused the access key or the bucket (${status}).`,
    );
  return objectAway(source);
}

/** 0 where there was no answer. */
function answerOf(cause: unknown): { name: string; status: number } {
  if (!(cause instanceof Error)) return { name: '', status: 0 };
  const { $metadata: metadata } = cause as Error & { $metadata?: { httpStatusCode?: number } };
  return { name: cause.name, status: metadata?.httpStatusCode ?? 0 };
}
