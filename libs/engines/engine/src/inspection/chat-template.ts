import { type Finding } from './finding.js';

/**
 * Ways out of a template sandbox: Python's double-underscore attributes and the names through which Jinja templates
 * have reached the interpreter (CVE-2024-34359).
 */
const REACHES_PYTHON =
  /__\w+__|\bmro\b|\battr\s*\(|\bgetattr\b|\bimport\b\s+\w|\bos\s*\.|\bsubprocess\b|\beval\b/;

/** A chat template is a program in Jinja. It is named always, and held back when it reaches for Python. */
export function* inspectChatTemplate(path: string, template: string): Generator<Finding> {
  const reach = REACHES_PYTHON.exec(template);
  if (reach === null) {
    yield { code: 'chat_template', severity: 'info', path, detail: 'Carries a chat template.' };
    return;
  }
  const detail = `The chat template reaches for Python through "${reach[0]}".`;
  yield { code: 'chat_template_code', severity: 'critical', path, detail };
}
