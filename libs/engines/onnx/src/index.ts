import { type EngineModule } from '@castellan/engine';

export { onnxEngine } from './onnx-engine.js';

/** Where a model's thread finds this engine. */
export const onnxEngineModule: EngineModule = {
  url: new URL('./onnx-engine.js', import.meta.url).href,
  exportName: 'onnxEngine',
};
