import { EngineError, kerasCode } from '@castellan/engine';

/**
 * Parses a model's configuration and refuses code in it before anything is built.
 * @throws EngineError `model_unreadable`, `model_carries_code`
 */
export function parseKerasConfig(text: string): unknown {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw new EngineError('model_unreadable', 'The model configuration is not JSON.', cause);
  }
  for (const { kind, what, layer } of kerasCode(config)) {
    const where = layer === undefined ? 'The model' : `Layer "${layer}"`;
    const carried =
      kind === 'lambda' ? `carries Python code (${what})` : `needs ${what}, which is not part of Keras`;
    throw new EngineError('model_carries_code', `${where} ${carried}. Castellan runs no code from models.`);
  }
  return config;
}

/** Keras's major version out of its full one; files that do not say are from before version 3. */
export function generationOf(version: unknown): 2 | 3 {
  return typeof version === 'string' && version.startsWith('3.') ? 3 : 2;
}
