import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { folderPath, portNumber } from './arguments.js';

export interface UpOptions {
  readonly data?: string;
  readonly demo?: boolean;
  readonly exit?: boolean;
  readonly officer: string[];
  readonly apiPort: number;
  readonly gatewayPort: number;
}

export function upCommand(around: Surroundings): Command {
  return new Command('up')
    .description('start everything on this machine, over an embedded PostgreSQL or yours')
    .option(
      '--data <folder>',
      'where everything is kept (default: ~/.castellan/data, /var/lib/castellan for root; a demo makes a temporary one)',
      folderPath,
    )
    .addHelpText(
      'after',
      '\nDATABASE_URL (PostgreSQL 18), BLOB_URL, KMS_URL and REDIS_URL name services of yours to use instead of the folder;\n' +
        'a folder keeps to those of its first start. A demo uses none of them.',
    )
    .option('--demo', 'walk a real model through its whole life, then stay up')
    .option('--exit', 'with --demo: stop at the end')
    .option('--officer <pem...>', 'at the first start: public keys of the security officers', [])
    .option('--api-port <port>', 'api and console', portNumber, 8080)
    .option('--gateway-port <port>', 'predictions', portNumber, 8000)
    .action(async (options: UpOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      // The stack's own dependencies are loaded by this command alone: the others start in a fraction of the time.
      if (options.demo === true) await (await import('../demo/run-demo.js')).runDemo(invocation, options);
      else await (await import('../up/run-up.js')).runUp(invocation, options);
    });
}
