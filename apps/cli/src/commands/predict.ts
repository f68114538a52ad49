import { Command } from 'commander';
import { Invocation, type Surroundings } from '../invocation.js';
import { jsonArgument, nameText } from './arguments.js';

export function predictCommand(around: Surroundings): Command {
  return new Command('predict')
    .description('ask a deployment')
    .argument('<name>', 'the deployment', nameText)
    .requiredOption('--input <json>', 'rows, or {"tensor": rows}; @file reads it from a file')
    .action(async (name: string, options: { input: string }, command: Command) => {
      const invocation = new Invocation(around, command);
      const input = await jsonArgument(options.input);
      const answer = await (await invocation.gateway()).predict({ model: name, input });
      const { output, model, version, versionDigest } = answer;
      invocation.terminal.result(answer, `${JSON.stringify(output)}\n${model} v${version} ${versionDigest}`);
    });
}
