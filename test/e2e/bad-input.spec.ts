import { afterAll, beforeAll, describe } from '@jest/globals';
import { approvalsThatDoNotCount } from './bad-input/approvals.js';
import { filesThatAreNoModels } from './bad-input/files.js';
import { keysThatOpenNothing } from './bad-input/keys.js';
import { inputThatDoesNotFit } from './bad-input/predictions.js';
import { requestsThatAreNone } from './bad-input/requests.js';
import { Scene } from './bad-input/scene.js';
import { startsThatCanNotBe } from './bad-input/starts.js';
import { tablesAndQuestions } from './bad-input/tables.js';

/**
 * What people get wrong, and what others get wrong on purpose: each is refused by the real cause, and nothing of it stays.
 * One installation for all of it, as users have it, spoken to through the public API and the command line.
 */
describe('bad input', () => {
  let scene: Scene;
  const onStage = (): Scene => scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene.close());

  filesThatAreNoModels(onStage);
  approvalsThatDoNotCount(onStage);
  inputThatDoesNotFit(onStage);
  keysThatOpenNothing(onStage);
  tablesAndQuestions(onStage);
  requestsThatAreNone(onStage);
  startsThatCanNotBe(onStage);
});
