import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { revocationPayload } from '@castellan/approval-policy';
import { certificateFor } from '../documents/certificate-for.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { generateKeyFile, publicPart, readKeyFile } from '../keys/key-file.js';
import { readKeyRequest, type KeyRequest } from '../keys/key-request.js';
import { keyTransferCommands } from './key-transfer.js';
import { projectKeyCommands } from './project-keys.js';
import { signAndSubmit } from './sign-and-submit.js';
import { sha256Text, wholeNumber } from './arguments.js';

export function keysCommand(around: Surroundings): Command {
  const keys = new Command('keys')
    .description("signing keys and an officer's word about them; the keys of projects")
    .addCommand(generate(around))
    .addCommand(enroll(around))
    .addCommand(certify(around))
    .addCommand(revoke(around));
  for (const command of keyTransferCommands(around))
    keys.addCommand(command.helpGroup('Keys of a project, to another platform:'));
  for (const command of projectKeyCommands(around)) keys.addCommand(command.helpGroup('Keys of a project:'));
  return keys;
}

function generate(around: Surroundings): Command {
  return new Command('generate')
    .description('make an ECDSA P-256 signing key (PKCS#8 PEM, mode 0600)')
    .option('--key <file>', 'where to keep it (default: the profile folder)')
    .option('--no-passphrase', 'keep it unencrypted')
    .action(async (options: { key?: string; passphrase: boolean }, command: Command) => {
      const invocation = new Invocation(around, command);
      const path = options.key ?? invocation.keyPath;
      const passphrase = options.passphrase ? await newPassphrase(invocation) : undefined;
      const key = await generateKeyFile(path, passphrase);
      invocation.terminal.result({ ...key, path }, `${key.publicKey}Key ${key.keyId}\nkept at ${path}`);
    });
}

function newPassphrase({ config, terminal }: Invocation): Promise<string> {
  if (config.keyPassphrase !== undefined) return Promise.resolve(config.keyPassphrase);
  return terminal.secret(
    'New passphrase for the key file: ',
    'Give CASTELLAN_KEY_PASSPHRASE or CASTELLAN_KEY_PASSPHRASE_FILE, or pass --no-passphrase.',
  );
}

function enroll(around: Surroundings): Command {
  return new Command('enroll')
    .description('write a request for a reviewer certificate, to be handed to a security officer')
    .option('--key <file>', 'the key file (default: the profile folder)')
    .option('-o, --output <file>', 'where to write the request (default: standard output)')
    .action(async (options: { key?: string; output?: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const key = publicPart(await readKeyFile(options.key ?? invocation.keyPath, invocation.passphrase));
      const { name, organization } = await (await invocation.api()).me();
      const request: KeyRequest = { format: 'castellan.key-request/v1', organization, person: name, ...key };
      if (options.output !== undefined)
        await writeFile(options.output, `${JSON.stringify(request, null, 2)}\n`);
      invocation.terminal.say(`Tell the officer your key id over another channel:\n  ${key.keyId}`);
      invocation.terminal.result(request, options.output ?? JSON.stringify(request, null, 2));
    });
}

interface CertifyOptions {
  readonly officerKey: string;
  readonly project: string[];
  readonly role: string[];
  readonly days: number;
  readonly yes?: boolean;
}

function certify(around: Surroundings): Command {
  return new Command('certify')
    .description('as an officer: sign a reviewer certificate for a key request')
    .argument('<request>', 'the file that "keys enroll" wrote')
    .requiredOption('--officer-key <file>', "the officer's private key")
    .option('--project <name...>', 'projects in which the key may review ("*": all)', ['*'])
    .option('--role <name...>', 'roles it may review in', ['reviewer'])
    .option('--days <n>', 'days until it ends', wholeNumber, 365)
    .option('--yes', 'sign without asking')
    .action(async (file: string, options: CertifyOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const request = await readKeyRequest(file);
      const { project: projects, role: roles, days } = options;
      const payload = certificateFor(request, { projects, roles, days, from: invocation.now() });
      const { person, organization, keyId } = request;
      const title = `Reviewer certificate: ${person} of ${organization} holds key ${keyId}`;
      await signAndSubmit(invocation, {
        title,
        payload,
        keyPath: options.officerKey,
        yes: options.yes === true,
      });
    });
}

interface RevokeOptions {
  readonly officerKey: string;
  readonly reason: string;
  readonly yes?: boolean;
}

function revoke(around: Surroundings): Command {
  return new Command('revoke')
    .description('as an officer: take a reviewer certificate back, for good')
    .argument('<digest>', "the certificate's digest", sha256Text)
    .requiredOption('--officer-key <file>', "the officer's private key")
    .requiredOption('--reason <text>', 'why')
    .option('--yes', 'sign without asking')
    .action(async (digest: string, options: RevokeOptions, command: Command) => {
      const invocation = new Invocation(around, command);
      const me = await (await invocation.api()).me();
      const payload = revocationPayload(
        { name: 'reviewer-certificate', sha256: digest },
        {
          target: 'reviewer-certificate',
          organization: me.organization,
          project: '*',
          person: me.name,
          reason: options.reason,
          issuedAt: invocation.now().toISOString(),
        },
      );
      const title = `Revocation of the reviewer certificate ${digest}`;
      await signAndSubmit(invocation, {
        title,
        payload,
        keyPath: options.officerKey,
        yes: options.yes === true,
      });
    });
}
