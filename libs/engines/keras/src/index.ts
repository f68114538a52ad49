import { extname } from 'node:path';
import { type EngineModule } from '@castellan/engine';

export { kerasEngine, kerasFileAmong } from './keras-engine.js';

/** Where a model's thread finds this engine: beside this file, compiled or in source as this file is. */
export const kerasEngineModule: EngineModule = {
  url: new URL(`./keras-engine${extname(import.meta.url)}`, import.meta.url).href,
  exportName: 'kerasEngine',
};

export { layerSizes, parameterCount, type HeadShape } from './training/head-shape.js';
export { runTraining, type TrainingRun } from './training/run-training.js';
export { fitBaseApart } from './training/fit-base-apart.js';
export type { Augmentation } from './training/augmentation.js';
export type { BaseExpectation, BaseFit } from './training/fit-base.js';
export type { TrainingTask } from './training/train-model.js';
export type { OptimiserChoice, TrainingProgress, TrainingRows } from './training/train-privately.js';
