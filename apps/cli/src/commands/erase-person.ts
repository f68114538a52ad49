import { Command } from 'commander';
import { ErasureRemains } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { destructionOf } from '../documents/destruction-of.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { nameText } from './arguments.js';
import { personNamed } from './person-named.js';
import { signAndSubmit } from './sign-and-submit.js';

interface EraseOptions {
  readonly reason: string;
  readonly key?: string;
  readonly person?: string;
  readonly yes?: boolean;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The order names the id only: it is kept for good, and so is the reason. */
export function erasePerson(around: Surroundings): Command {
  return new Command('erase')
    .description(
      'sign the order to erase the personal data of somebody who is shut out; it takes a second person’s as well, then "destroy list" goes on with it',
    )
    .argument('<name>', 'who; or the id, for whoever may not see people', nameText)
    .requiredOption('--reason <text>', 'why, without the name: it is kept')
    .option('--key <file>', "a reviewer's or an officer's key file (default: the profile folder)")
    .option('--person <name>', 'for an officer who has no account here: her name', nameText)
    .option('--yes', 'sign without asking')
    .action(async (name: string, options: EraseOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const id = ID.test(name) ? name : (await personNamed(api, name)).id;
      const { reason, person } = options;
      const remains = api.connection.json(ErasureRemains, 'GET', `/api/v1/people/${id}/erasure`);
      // A reviewer may sign without seeing people: she is told the id, and the rest by whoever asks her.
      const seen = await remains.catch((error: unknown) => {
        if (error instanceof CastellanError && error.code === 'not_permitted') return undefined;
        throw error;
      });
      if (seen !== undefined) invocation.terminal.say(inWords(seen));
      const terms = { reason, person, now: invocation.now() };
      const payload = await destructionOf(api, 'person', id, terms);
      const title = `Order to erase the personal data of ${name} for good`;
      const keyPath = options.key ?? invocation.keyPath;
      await signAndSubmit(invocation, { title, payload, keyPath, yes: options.yes === true });
    });
}

function inWords({ leaves, documents, manifests }: ErasureRemains): string {
  return `Where the name stays, because it is hashed or signed: ${leaves} events from before names were sealed (until they expire), ${documents} signed documents, ${manifests} manifests of versions.`;
}
