import type { Translation } from '../translation-shape.js';
import { alarms, watching } from './alarms.js';
import { destruction } from './destruction.js';
import { audit, verify } from './audit.js';
import { exports, targets, trace } from './compliance.js';
import { deployments, predict } from './deployments.js';
import { governance } from './governance.js';
import { keys } from './keys.js';
import { life, models, publish, space, versions } from './models.js';
import { outliers } from './outliers.js';
import { pipeline } from './pipeline.js';
import { privacy } from './privacy.js';
import { protection } from './protection.js';
import { reference } from './reference.js';
import { refusals } from './refusals.js';
import { holds, retention } from './retention.js';
import { review, signingKey } from './review.js';
import { session } from './session.js';
import { shell, ui } from './shell.js';
import { synthesis } from './synthesis.js';
import { training } from './training.js';
import { transfer } from './transfer.js';

export const zh = {
  ui,
  shell,
  session,
  models,
  versions,
  life,
  publish,
  space,
  review,
  signingKey,
  deployments,
  destruction,
  predict,
  outliers,
  pipeline,
  privacy,
  governance,
  keys,
  synthesis,
  protection,
  training,
  transfer,
  audit,
  verify,
  exports,
  targets,
  trace,
  alarms,
  watching,
  retention,
  holds,
  reference,
  refusals,
} satisfies Translation;
