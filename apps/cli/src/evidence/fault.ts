import { CastellanError } from '@castellan/errors';

/** One thing that is wrong with a bundle. */
export interface Fault {
  /** Stable, for programs. */
  readonly code: string;
  /** The file or document at fault. */
  readonly subject: string;
  readonly detail: string;
}

/** Gathers what is wrong: a reader wants every fault, not the first. */
export class Faults {
  readonly all: Fault[] = [];

  add(code: string, subject: string, detail: string): void {
    this.all.push({ code, subject, detail });
  }

  /** Runs a check; its CastellanError becomes a fault of `subject`. Any other error is a defect and passes. */
  async guard<Value>(subject: string, check: () => Value | Promise<Value>): Promise<Value | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof CastellanError)) throw error;
      this.add(error.code, subject, error.publicDetail);
      return undefined;
    }
  }
}

/** Raised by a single check. */
export class EvidenceError extends CastellanError {
  constructor(code: string, publicDetail: string, cause?: unknown) {
    super({ code, kind: 'invalid', publicDetail, cause });
  }
}
