import { ggufStrings } from '../format/gguf-header.js';
import { inspectChatTemplate } from './chat-template.js';
import { type Finding } from './finding.js';
import { type InspectedFile } from './inspected-file.js';

export function* inspectGguf({ path, source }: InspectedFile): Generator<Finding> {
  for (const [key, value] of ggufStrings(source)) {
    if (key.startsWith('tokenizer.chat_template')) yield* inspectChatTemplate(path, value);
  }
}
