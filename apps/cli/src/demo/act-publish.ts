import type { Version } from '@castellan/contracts';
import { fixtures } from './fixtures.js';
import type { Stage } from './stage.js';

export interface Published {
  readonly keras: Version;
  readonly onnx: Version;
}

/** Act 2. Two real models stream in, are sealed as they arrive, and are scanned without being run. */
export async function publishModels(stage: Stage): Promise<Published> {
  const { narrator } = stage;
  narrator.act('Ada publishes two real models');
  const keras = await stage.publish(fixtures.kerasModel, 'digits');
  const onnx = await stage.publish(fixtures.onnxModel, 'speech');
  for (const { model, number, stage: where, format, scan, digest } of [keras, onnx]) {
    const verdict = scan === undefined ? 'not scanned' : `the scan says ${scan.verdict}`;
    narrator.shown(
      where === 'candidate',
      `${model}@${number} (${format ?? 'unknown format'}): ${verdict}; it is a ${where}`,
    );
    narrator.tell(`  its identity is ${digest ?? 'not fixed'}`);
  }
  return { keras, onnx };
}
