import { CastellanError } from '@castellan/errors';

export interface ConfigFault {
  /** The variable at fault, for example `DATABASE_URL`. */
  readonly name: string;
  /** What is wrong with it, without its value. */
  readonly fault: string;
}

/** The environment doesn't make a configuration. Lists every fault by name; a value never appears. */
export class ConfigError extends CastellanError {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super({
      code: 'configuration_invalid',
      kind: 'invalid',
      publicDetail: `The configuration has ${faults.length} fault(s): ${faults
        .map(({ name, fault }) => `${name}: ${fault}`)
        .join('; ')}.`,
      meta: { faults },
    });
    this.faults = faults;
  }
}
