import { type EngineModule } from '@castellan/engine';

export { kerasEngine } from './keras-engine.js';

/** Where a model's thread finds this engine. */
export const kerasEngineModule: EngineModule = {
  url: new URL('./keras-engine.js', import.meta.url).href,
  exportName: 'kerasEngine',
};
