import { Command } from 'commander';
import { ApiClient } from '../client/api-client.js';
import { removeProfile, writeProfile } from '../client/profile.js';
import { keyFromLink, tokenOfLink } from '../client/sign-in.js';
import { Invocation, type Surroundings } from '../invocation.js';
import { UsageError } from '../usage-error.js';
import { describeMe } from './whoami.js';

export function loginCommand(around: Surroundings): Command {
  return new Command('login')
    .description('sign this machine in, with a one-time sign-in link or an API key')
    .argument('[link]', 'the sign-in link; left out, an API key is taken from CASTELLAN_TOKEN or asked for')
    .action(async (link: string | undefined, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { url, token } =
        link === undefined ? await givenKey(invocation) : await keyBehind(link, invocation.url);
      const me = await new ApiClient({ url, token }).me();
      const { gatewayUrl } = invocation;
      await writeProfile(invocation.config.home, {
        url,
        token,
        ...(gatewayUrl !== undefined && { gatewayUrl }),
      });
      invocation.terminal.result(me, `Signed in at ${url} as ${describeMe(me)}.`);
    });
}

export function logoutCommand(around: Surroundings): Command {
  return new Command('logout')
    .description('forget the profile of this machine')
    .action(async (_options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      await removeProfile(invocation.config.home);
      invocation.terminal.result(
        { signedIn: false },
        'The profile is gone. Revoke its API key if others had it.',
      );
    });
}

async function givenKey({ config, terminal, url }: Invocation): Promise<{ url: string; token: string }> {
  if (url === undefined) throw new UsageError('Name the server with --url, or pass a sign-in link.');
  const token =
    config.token ??
    (await terminal.secret('API key: ', 'Give the API key in CASTELLAN_TOKEN or CASTELLAN_TOKEN_FILE.'));
  return { url, token };
}

async function keyBehind(text: string, url: string | undefined): Promise<{ url: string; token: string }> {
  const link = tokenOfLink(text) ?? (url === undefined ? undefined : { url, token: text });
  if (link === undefined)
    throw new UsageError('That is not a sign-in link; it looks like http://…/sign-in#token=….');
  return { url: link.url, token: await keyFromLink(link.url, link.token, 'castellan command line') };
}
