import { readFile } from 'node:fs/promises';

const README = new URL('../../README.md', import.meta.url);
const COMMAND = /^(?:CASTELLAN_TOKEN=(?:cst_…|\$\(.*?\)) )?(?:npx castellan|curl|tar) /;

/** The commands that a README gives under one heading, in their order, without their remarks. */
export async function readmeCommands(heading: string): Promise<string[]> {
  const text = await readFile(README, 'utf8');
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/```\n(.*?)```/gs)]
    .flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .filter((line) => COMMAND.test(line))
    .map((line) => line.replace(/\s+# .*$/, ''));
}
