import { CastellanError } from '@castellan/errors';

/** The command line, or a file that it names, doesn't say what to do. Exit code 2. */
export class UsageError extends CastellanError {
  constructor(publicDetail: string, cause?: unknown) {
    super({ code: 'usage', kind: 'invalid', publicDetail, cause });
  }
}
