import { PrivacyError } from '../privacy-error.js';

export function taskSettled(state: string): PrivacyError {
  return new PrivacyError('task_settled', {
    kind: 'conflict',
    publicDetail: `The task is ${state}: it does not wait for anybody.`,
  });
}
