import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { revocationPayload } from '@castellan/approval-policy';
import { ExportedKeys } from '@castellan/contracts';
import { CastellanError } from '@castellan/errors';
import { KeyTransferClient } from '../client/key-transfer-client.js';
import { readRecipient, rootExportOf } from '../documents/root-export-of.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { formatTable } from '../terminal/format.js';
import { nameText, sha256Text } from './arguments.js';
import { signAndSubmit } from './sign-and-submit.js';

/** A project's keys on their way to another platform, as parts of `castellan keys`. */
export function keyTransferCommands(around: Surroundings): Command[] {
  return [receive(around), orderExport(around), list(around), cancel(around), send(around), take(around)];
}

interface SignOptions {
  readonly reason: string;
  readonly key?: string;
  readonly person?: string;
  readonly yes?: boolean;
}

function signing(name: string): Command {
  return new Command(name)
    .requiredOption('--reason <text>', 'why')
    .option('--key <file>', "a reviewer's or an officer's key file (default: the profile folder)")
    .option('--person <name>', 'for an officer who has no account here: her name', nameText)
    .option('--yes', 'sign without asking');
}

function receive(around: Surroundings): Command {
  return new Command('receive')
    .description('as admin, where keys shall arrive: make a certificate that they can be sealed to, once')
    .requiredOption('-o, --output <file>', 'where to write the certificate (PEM)')
    .action(async ({ output }: { output: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const made = await (await transfers(invocation)).createRecipient();
      await writeFile(output, made.certificate);
      const told = `Tell its digest to those who sign there, over another channel:\n  ${made.sha256}`;
      invocation.terminal.result(made, `${output}, until ${made.validUntil}\n${told}`);
    });
}

function orderExport(around: Surroundings): Command {
  return signing('order-export')
    .description(
      'sign that a project’s keys may be sealed to a certificate; it takes a second person’s as well',
    )
    .requiredOption('--project <name>', 'whose keys', nameText)
    .requiredOption('--to <file>', 'the certificate of the receiving platform (PEM)')
    .action(
      async (
        { project, to, reason, person, key, yes }: SignOptions & { project: string; to: string },
        command: Command,
      ) => {
        const invocation = new Invocation(around, command);
        const recipient = readRecipient(await readFile(to, 'utf8'), to);
        const terms = { reason, person, now: invocation.now() };
        const payload = await rootExportOf(await invocation.api(), project, recipient, terms);
        const title = `Order to seal the keys of ${project} to ${recipient.subject}, ${recipient.sha256}`;
        await signAndSubmit(invocation, {
          title,
          payload,
          keyPath: key ?? invocation.keyPath,
          yes: yes === true,
        });
      },
    );
}

function list(around: Surroundings): Command {
  return new Command('exports')
    .description('which keys are ordered to be sealed to which certificate, and by whom')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { exports } = await (await transfers(invocation)).exports();
      const rows = exports.map(({ project, state, holder, recipient, orders }) => [
        project,
        state,
        orders.map(({ person, digest }) => `${person} (${digest.slice(0, 12)})`).join(', '),
        holder,
        recipient,
      ]);
      const header = ['PROJECT', 'STATE', 'ORDERED BY', 'TO', 'CERTIFICATE'];
      invocation.terminal.result({ exports }, formatTable(header, rows));
    });
}

function cancel(around: Surroundings): Command {
  return signing('cancel-export')
    .description('sign that an order is taken back; any reviewer of the project or an officer may')
    .argument('<digest>', "the order's digest", sha256Text)
    .action(async (digest: string, { reason, person, key, yes }: SignOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const api = await invocation.api();
      const { exports } = await new KeyTransferClient(api.connection).exports();
      const ordered = exports.find(({ orders }) => orders.some((order) => order.digest === digest));
      if (ordered === undefined) throw unknownOrder(digest);
      const { organization, name } = await api.me();
      const payload = revocationPayload(
        { name: 'root-export-order', sha256: digest },
        {
          target: 'root-export-order',
          organization,
          project: ordered.project,
          person: person ?? name,
          reason,
          issuedAt: invocation.now().toISOString(),
        },
      );
      const title = `Cancellation of the export order ${digest}`;
      await signAndSubmit(invocation, {
        title,
        payload,
        keyPath: key ?? invocation.keyPath,
        yes: yes === true,
      });
    });
}

function send(around: Surroundings): Command {
  return new Command('export')
    .description('as admin: write a project’s keys, sealed to the certificate that two people have ordered')
    .requiredOption('--project <name>', 'whose keys', nameText)
    .requiredOption('--to <file>', 'the certificate of the receiving platform (PEM)')
    .requiredOption('-o, --output <file>', 'where to write the package')
    .action(
      async ({ project, to, output }: { project: string; to: string; output: string }, command: Command) => {
        const invocation = new Invocation(around, command);
        const { sha256: recipient } = readRecipient(await readFile(to, 'utf8'), to);
        const exported = await (await transfers(invocation)).export({ project, recipient });
        await writeFile(output, `${JSON.stringify(exported, null, 2)}\n`, { mode: 0o600 });
        const told = `Tell this platform’s digest to those who import, over another channel:\n  ${exported.sender}`;
        invocation.terminal.result({ output, sender: exported.sender }, `${output}\n${told}`);
      },
    );
}

function take(around: Surroundings): Command {
  return new Command('import')
    .description('as admin: take in a project’s keys that were sealed to a certificate of this platform')
    .argument('<package>', 'the file that "keys export" wrote')
    .requiredOption(
      '--from <digest>',
      'the sending platform’s digest, as told over another channel',
      sha256Text,
    )
    .option('--as <name>', 'what the project shall be called here (default: as there)', nameText)
    .action(
      async (file: string, { from: sender, as: name }: { from: string; as?: string }, command: Command) => {
        const invocation = new Invocation(around, command);
        const { package: envelope } = readPackage(await readFile(file, 'utf8'), file);
        const imported = await (
          await transfers(invocation)
        ).import({ package: envelope, sender, ...(name && { name }) });
        const { versions, current } = imported;
        const project = name ?? imported.project;
        invocation.terminal.result(
          imported,
          `${project}: version ${versions.join(', ')} of its key came; new data goes under version ${current}, made here.`,
        );
      },
    );
}

async function transfers(invocation: Invocation): Promise<KeyTransferClient> {
  return new KeyTransferClient((await invocation.api()).connection);
}

function readPackage(text: string, file: string): ExportedKeys {
  try {
    return ExportedKeys.parse(JSON.parse(text));
  } catch (cause) {
    const publicDetail = `${file} is no package that "castellan keys export" wrote.`;
    throw new CastellanError({ code: 'root_package_malformed', kind: 'invalid', publicDetail, cause });
  }
}

function unknownOrder(digest: string): CastellanError {
  const publicDetail = `No export order that counts has the digest ${digest}.`;
  return new CastellanError({ code: 'order_unknown', kind: 'not_found', publicDetail });
}
