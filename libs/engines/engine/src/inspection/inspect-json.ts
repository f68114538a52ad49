import { whole } from '../format/byte-source.js';
import { LONGEST_TEXT_BYTES } from '../format/format.js';
import { kerasCode, type KerasCode } from '../format/keras-config.js';
import { inspectChatTemplate } from './chat-template.js';
import { type Finding } from './finding.js';
import { type InspectedFile } from './inspected-file.js';

/** Configurations: Keras objects that need code, tokenizer templates, and settings that make a loader fetch code. */
export function* inspectJson({ path, source }: InspectedFile): Generator<Finding> {
  const value: unknown = JSON.parse(new TextDecoder().decode(whole(source, LONGEST_TEXT_BYTES)));
  yield* inspectKerasConfig(path, value);
  if (typeof value !== 'object' || value === null) return;
  if ('chat_template' in value && typeof value.chat_template === 'string') {
    yield* inspectChatTemplate(path, value.chat_template);
  }
  if ('auto_map' in value || ('trust_remote_code' in value && value.trust_remote_code === true)) {
    const detail = 'The configuration asks its loader to run Python that comes with the model.';
    yield { code: 'remote_code', severity: 'warning', path, detail };
  }
}

export function* inspectKerasConfig(path: string, config: unknown): Generator<Finding> {
  for (const code of kerasCode(config)) yield kerasFinding(path, code);
}

function kerasFinding(path: string, { kind, what, layer }: KerasCode): Finding {
  const where = layer === undefined ? '' : ` in layer "${layer}"`;
  if (kind === 'lambda') {
    const detail = `The model carries Python code (${what})${where}.`;
    return { code: 'keras_lambda', severity: 'critical', path, detail };
  }
  const detail = `The model needs ${what}${where}, which is not part of Keras.`;
  return { code: 'keras_foreign_object', severity: 'critical', path, detail };
}
