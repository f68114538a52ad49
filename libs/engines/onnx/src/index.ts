import { extname } from 'node:path';
import { type EngineModule } from '@castellan/engine';

export { onnxEngine } from './onnx-engine.js';

/** Where a model's thread finds this engine: beside this file, compiled or in source as this file is. */
export const onnxEngineModule: EngineModule = {
  url: new URL(`./onnx-engine${extname(import.meta.url)}`, import.meta.url).href,
  exportName: 'onnxEngine',
};
