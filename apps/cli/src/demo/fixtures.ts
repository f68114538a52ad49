import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DatasetDeclaration } from '@castellan/contracts';
import { z } from 'zod';

/** From this file, in src and in dist alike, to the repository's root. */
const root = new URL('../../../../', import.meta.url);
const path = (relative: string): string => fileURLToPath(new URL(relative, root));

const Rows = z.array(z.array(z.number()));
const DigitsExpectations = z.object({
  source: z.string(),
  inputs: Rows,
  labels: z.array(z.number()),
  models: z.record(z.string(), z.object({ outputs: z.record(z.string(), Rows) })),
});
const SileroExpectations = z.object({
  model: z.string(),
  sentence: z.string(),
  sampleRate: z.number(),
  frameSamples: z.number(),
  pcm16: z.base64(),
  speechProbability: z.array(z.number()),
});
export type SileroExpectations = z.infer<typeof SileroExpectations>;

/** The real things that the demo works on: two models and a table, with what their own makers computed from them. */
export const fixtures = {
  kerasModel: path('test/fixtures/digits/digits-keras3.h5'),
  /** Another Keras model, for what is done to throw-away versions. */
  spareModel: path('test/fixtures/digits/digits-keras2.h5'),
  onnxModel: path('node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx'),
  table: path('test/fixtures/wage-panel/wage-panel.csv'),
};

/** Real images of digits, and what Keras itself says about each. */
export async function digitsExpectations(): Promise<{
  inputs: number[][];
  outputs: number[][];
  labels: number[];
}> {
  const { inputs, labels, models } = DigitsExpectations.parse(
    await json('test/fixtures/digits/expected.json'),
  );
  const outputs = models['digits-keras3.h5']?.outputs['digit'];
  if (outputs === undefined) throw new Error('expected.json says nothing about digits-keras3.h5');
  return { inputs, labels, outputs };
}

/** A spoken sentence, and what Python's ONNX Runtime says about each of its frames. */
export async function sileroExpectations(): Promise<SileroExpectations> {
  return SileroExpectations.parse(await json('test/fixtures/silero-vad/expected.json'));
}

/** What the steward of the table says of it publicly. */
export async function wageDeclaration(): Promise<DatasetDeclaration> {
  return DatasetDeclaration.parse(await json('test/fixtures/wage-panel/wage-panel.json'));
}

async function json(relative: string): Promise<unknown> {
  return JSON.parse(await readFile(path(relative), 'utf8'));
}
