import { Command } from 'commander';
import { alarmsCommand } from './commands/alarms.js';
import { auditCommand } from './commands/audit.js';
import { backupCommand } from './commands/backup.js';
import { datasetCommand } from './commands/dataset.js';
import { approveCommand, rejectCommand } from './commands/decide.js';
import { destroyCommand } from './commands/destroy.js';
import { deployCommand, deploymentsCommand, undeployCommand } from './commands/deploy.js';
import { doctorCommand } from './commands/doctor.js';
import { evidenceCommand } from './commands/evidence.js';
import { keysCommand } from './commands/keys.js';
import { loginCommand, logoutCommand } from './commands/login.js';
import { transferCommand } from './commands/transfer.js';
import { modelsCommand, showCommand, versionsCommand } from './commands/models.js';
import { organizationsCommand, projectsCommand } from './commands/organizations.js';
import { peopleCommand } from './commands/people.js';
import { policyCommand } from './commands/policy.js';
import { predictCommand } from './commands/predict.js';
import { pipelineCommand } from './commands/pipeline.js';
import { privacyCommand } from './commands/privacy.js';
import { trainCommand } from './commands/train.js';
import { publishCommand } from './commands/publish.js';
import { quotaCommand } from './commands/quota.js';
import { restoreCommand } from './commands/restore.js';
import { reviewCommand } from './commands/review.js';
import { s3Command } from './commands/s3.js';
import { revokeCommand } from './commands/revoke.js';
import { traceCommand } from './commands/trace.js';
import { upCommand } from './commands/up.js';
import { whoamiCommand } from './commands/whoami.js';
import type { Surroundings } from './invocation.js';

/** The whole command line. */
export function buildProgram(around: Surroundings): Command {
  const program = new Command('castellan')
    .description('Keeps an organisation’s models and protected data.')
    .version('0.1.0')
    .option('--json', 'results as JSON on standard output')
    .option('--url <address>', 'the api (default: the profile, or CASTELLAN_URL)')
    .option('--gateway <address>', 'the gateway (default: the profile, or CASTELLAN_GATEWAY_URL)')
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', '\nExit codes: 0 done, 1 refused or failed, 2 usage.');
  group(program, 'Start', [
    upCommand(around),
    backupCommand(around),
    restoreCommand(around),
    doctorCommand(around),
  ]);
  group(program, 'Session', [loginCommand(around), logoutCommand(around), whoamiCommand(around)]);
  group(program, 'Models', [
    publishCommand(around),
    s3Command(around),
    modelsCommand(around),
    transferCommand(around),
    versionsCommand(around),
    showCommand(around),
  ]);
  group(program, 'Review', [
    reviewCommand(around),
    approveCommand(around),
    rejectCommand(around),
    revokeCommand(around),
    keysCommand(around),
    policyCommand(around),
  ]);
  group(program, 'Serving', [
    deployCommand(around),
    undeployCommand(around),
    deploymentsCommand(around),
    predictCommand(around),
  ]);
  group(program, 'Protected data', [
    datasetCommand(around),
    privacyCommand(around),
    pipelineCommand(around),
    trainCommand(around),
  ]);
  group(program, 'Proof', [
    evidenceCommand(around),
    auditCommand(around),
    alarmsCommand(around),
    traceCommand(around),
  ]);
  group(program, 'Administration', [
    destroyCommand(around),
    peopleCommand(around),
    projectsCommand(around),
    quotaCommand(around),
    organizationsCommand(around),
  ]);
  return program;
}

function group(program: Command, title: string, commands: readonly Command[]): void {
  for (const command of commands) program.addCommand(command.helpGroup(`${title}:`));
}
