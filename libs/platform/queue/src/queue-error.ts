import { CastellanError, type ErrorDetails } from '@castellan/errors';

export type QueueErrorCode = 'queue_unavailable' | 'message_invalid' | 'processor_missing';

export class QueueError extends CastellanError {
  declare readonly code: QueueErrorCode;

  constructor(details: ErrorDetails & { readonly code: QueueErrorCode }) {
    super(details);
  }
}
