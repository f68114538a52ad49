import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { revocationPayload, type DestructionTarget } from '@castellan/approval-policy';
import type { Destruction } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { destructionOf } from '../documents/destruction-of.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, sha256Text, versionReference } from './arguments.js';
import { signAndSubmit } from './sign-and-submit.js';

interface SignOptions {
  readonly reason: string;
  readonly key?: string;
  readonly person?: string;
  readonly yes?: boolean;
}

export function destroyCommand(around: Surroundings): Command {
  return new Command('destroy')
    .description(
      'destroy keys, and so data, for good: two people sign, then a time of waiting, then a certificate',
    )
    .addCommand(order(around, 'version', versionReference))
    .addCommand(order(around, 'model', nameText))
    .addCommand(order(around, 'project', nameText))
    .addCommand(list(around))
    .addCommand(cancel(around))
    .addCommand(certificate(around));
}

function signing(name: string): Command {
  return new Command(name)
    .requiredOption('--reason <text>', 'why')
    .option('--key <file>', "a reviewer's or an officer's key file (default: the profile folder)")
    .option(
      '--person <name>',
      'for an officer who has no account here: her name (default: who is signed in)',
      nameText,
    )
    .option('--yes', 'sign without asking');
}

function order(around: Surroundings, target: DestructionTarget, parse: (text: string) => string): Command {
  return signing(target)
    .description(`sign the order to destroy a ${target}; it takes a second person's as well`)
    .argument('<name>', target === 'version' ? 'model@number' : `the ${target}`, parse)
    .action(async (name: string, options: SignOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const { reason, person } = options;
      const terms = { reason, person, now: invocation.now() };
      const payload = await destructionOf(await invocation.api(), target, name, terms);
      await sign(invocation, `Order to destroy the ${target} ${name} for good`, payload, options);
    });
}

function list(around: Surroundings): Command {
  return new Command('list')
    .description('what is ordered to be destroyed, and what was')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { destructions } = await (await invocation.api()).destructions();
      const header = ['WHAT', 'NAME', 'STATE', 'WHEN', 'ORDERED BY', 'ID'];
      invocation.terminal.result({ destructions }, formatTable(header, destructions.map(rowOf)));
    });
}

function rowOf({ target, name, state, dueAt, destroyedAt, orders, targetId }: Destruction): string[] {
  const people = orders.map(({ person, digest }) => `${person} (${digest.slice(0, 12)})`).join(', ');
  return [target, name, state, destroyedAt ?? dueAt ?? '', people, targetId];
}

function cancel(around: Surroundings): Command {
  return signing('cancel')
    .description('sign that an order is taken back; any reviewer of the project or an officer may')
    .argument('<digest>', "the order's digest", sha256Text)
    .action(async (digest: string, options: SignOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const { documents } = await api.documents({ kind: 'destruction-order' });
      const ordered = documents.find((document) => document.digest === digest);
      if (ordered === undefined) throw orderUnknown(digest);
      const { organization, name } = await api.me();
      const payload = revocationPayload(
        { name: 'destruction-order', sha256: digest },
        {
          target: 'destruction-order',
          organization,
          project: projectOf(ordered.envelope.payload),
          person: options.person ?? name,
          reason: options.reason,
          issuedAt: invocation.now().toISOString(),
        },
      );
      await sign(invocation, `Cancellation of the destruction order ${digest}`, payload, options);
    });
}

function certificate(around: Surroundings): Command {
  return new Command('certificate')
    .description('write the certificate of a destruction, and the platform’s signature over it')
    .argument('<id>', 'as "destroy list" shows it')
    .requiredOption('-o, --output <file>', 'where to; the signature goes beside it, as <file>.p7s')
    .action(async (id: string, { output }: { output: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const proof = await (await invocation.api()).destructionCertificate(id);
      await writeFile(output, proof.certificate);
      await writeFile(`${output}.p7s`, proof.signature);
      const check = `openssl cms -verify -binary -inform PEM -in ${output}.p7s -content ${output} -CAfile ca.pem`;
      invocation.terminal.result(
        { output },
        `${output}\nCheck it with the platform's certificate:\n  ${check}`,
      );
    });
}

async function sign(
  invocation: Invocation,
  title: string,
  payload: Uint8Array<ArrayBuffer>,
  { key, yes }: SignOptions,
): Promise<void> {
  await signAndSubmit(invocation, { title, payload, keyPath: key ?? invocation.keyPath, yes: yes === true });
}

function projectOf(payload: string): string {
  const statement: { predicate: { project: string } } = JSON.parse(Buffer.from(payload, 'base64').toString());
  return statement.predicate.project;
}

function orderUnknown(digest: string): CastellanError {
  const publicDetail = `No destruction order has the digest ${digest}.`;
  return new CastellanError({ code: 'order_unknown', kind: 'not_found', publicDetail });
}
