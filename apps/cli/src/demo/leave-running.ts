import type { Terminal } from '../terminal/terminal.js';
import { digitsExpectations, fixtures } from './fixtures.js';
import type { Stage } from './stage.js';

/** After the last act: a model to ask, a link to sign in with, and a line to copy. */
export async function leaveRunning(stage: Stage, terminal: Terminal): Promise<void> {
  const { cast, installation } = stage;
  const { stack, folder } = installation;
  const version = await stage.publish(fixtures.kerasModel, 'digits');
  await stage.approve(version, 'The page is the right way up again.');
  await cast.admin.api.deleteDeployment('digits');
  await stage.untilPhase('digits', ['stopped']);
  await stage.deploy(version, 'digits');
  await stage.untilPhase('digits', ['ready']);
  const { secret } = await cast.admin.api.createCredential(cast.admin.id, {
    kind: 'sign_in_link',
    label: 'console',
  });
  const { inputs, labels } = await digitsExpectations();
  const body = JSON.stringify({ model: 'digits', input: [inputs[0]] });
  terminal.say(
    [
      '',
      `api and console  ${stack.apiUrl}`,
      `gateway          ${stack.gatewayUrl}`,
      `data             ${folder.path}`,
      `sign in once at  ${stack.apiUrl}/sign-in#token=${secret}`,
      '',
      `A picture of a ${labels[0]}:`,
      `curl ${stack.gatewayUrl}/api/predict -H 'authorization: Bearer ${cast.consumer.token}' -H 'content-type: application/json' -d '${body}'`,
      '',
      'Ctrl-C stops it.',
    ].join('\n'),
  );
}
