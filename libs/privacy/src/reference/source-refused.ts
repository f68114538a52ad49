import { PrivacyError } from '../privacy-error.js';

export function sourceRefused(publicDetail: string, cause?: unknown): PrivacyError {
  return new PrivacyError('source_refused', { kind: 'conflict', publicDetail, cause });
}
