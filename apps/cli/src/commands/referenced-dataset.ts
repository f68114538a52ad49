import { Command } from 'commander';
import { Dataset } from '@castellan/contracts';
import { Invocation, type Surroundings } from '../invocation.js';
import { localFiles } from '../publish/local-files.js';
import { uploadBody } from '../publish/upload-body.js';
import { nameText } from './arguments.js';

export function renewData(around: Surroundings): Command {
  return new Command('renew')
    .description(
      'as steward, of a table that stays elsewhere: it is other data now; questions are answered anew, and charged',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .action(async (name: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      const { connection } = await invocation.api();
      const path = `/api/v1/datasets/${encodeURIComponent(name)}/data-versions`;
      const dataset = await connection.json(Dataset, 'POST', path, { json: {} });
      invocation.terminal.result(
        dataset,
        `${name} has data version ${dataset.dataVersion ?? 1}; its budget is what it was`,
      );
    });
}

export function replaceLogin(around: Surroundings): Command {
  return new Command('login')
    .description(
      'as steward, of a table that stays elsewhere: seal the login, or another one; of an S3 object also which object it is, as it is now',
    )
    .argument('<dataset>', 'the protected table', nameText)
    .argument(
      '<file>',
      'JSON: {"user": "…", "password": "…"} of a database, {"accessKeyId": "…", "secretAccessKey": "…"} of a bucket, that can read the table and write nothing',
    )
    .action(async (name: string, file: string, _options: unknown, command: Command) => {
      const invocation = new Invocation(around, command);
      await localFiles([file]);
      const body = uploadBody(file, () => undefined);
      const dataset = await (await invocation.api()).putContent(name, { body });
      invocation.terminal.result(dataset, `${name} is ${dataset.state} with this login`);
    });
}
