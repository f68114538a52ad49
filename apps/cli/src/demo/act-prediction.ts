import { CastellanError } from '@castellan/errors';
import { z } from 'zod';
import type { GatewayClient } from '../client/gateway-client.js';
import { digitsExpectations, sileroExpectations } from './fixtures.js';
import type { Stage } from './stage.js';

/** What the makers' own software answered, what Castellan did, and the largest difference over all inputs. */
export interface Comparison {
  readonly predicted: readonly number[];
  readonly expected: readonly number[];
  readonly maxError: number;
}

export const TOLERANCE = 1e-4;

const Rows = z.array(z.array(z.number()));

/** Act 5. Both models answer what their makers' own software answers, over both protocols. */
export async function modelsPredict(stage: Stage): Promise<{ keras: Comparison; onnx: Comparison }> {
  const { narrator } = stage;
  narrator.act('Predictions');
  const gateway = stage.gatewayFor(stage.cast.consumer);
  const keras = await predictDigits(gateway);
  narrator.shown(
    keras.maxError <= TOLERANCE,
    `digits: what Keras said, to ${keras.maxError.toExponential(1)}, by /api/predict and Open Inference`,
  );
  const onnx = await hearSpeech(gateway);
  narrator.shown(
    onnx.maxError <= TOLERANCE,
    `speech: what ONNX Runtime said, to ${onnx.maxError.toExponential(1)}, frame after frame`,
  );
  return { keras, onnx };
}

/** All images at once, over each protocol; the first image's ten probabilities are shown. */
async function predictDigits(gateway: GatewayClient): Promise<Comparison> {
  const { inputs, outputs: expected } = await digitsExpectations();
  const plain = Rows.parse((await gateway.predict({ model: 'digits', input: inputs })).output);
  const width = inputs[0]?.length ?? 0;
  const tensor = { name: 'pixels', datatype: 'FP32', shape: [inputs.length, width], data: inputs.flat() };
  const answered = await gateway.infer('digits', [tensor]);
  const open = z.array(z.number()).parse(answered.outputs[0]?.data);
  return {
    predicted: plain[0] ?? [],
    expected: expected[0] ?? [],
    maxError: Math.max(
      largestDifference(plain.flat(), expected.flat()),
      largestDifference(open, expected.flat()),
    ),
  };
}

/** A spoken sentence in frames of 32 ms; the state that one frame returns is fed to the next. */
async function hearSpeech(gateway: GatewayClient): Promise<Comparison> {
  const { pcm16, frameSamples, sampleRate, speechProbability: expected } = await sileroExpectations();
  const sound = Buffer.from(pcm16, 'base64');
  const samples = Array.from({ length: sound.length / 2 }, (_, at) => sound.readInt16LE(at * 2) / 32_768);
  const predicted: number[] = [];
  let state: readonly number[] = new Array<number>(256).fill(0);
  for (let frame = 0; frame < expected.length; frame++) {
    const data = samples.slice(frame * frameSamples, (frame + 1) * frameSamples);
    const answer = await gateway.infer('speech', [
      { name: 'input', datatype: 'FP32', shape: [1, frameSamples], data },
      { name: 'state', datatype: 'FP32', shape: [2, 1, 128], data: state },
      { name: 'sr', datatype: 'INT64', shape: [], data: [sampleRate] },
    ]);
    const output = (name: string): number[] =>
      z.array(z.number()).parse(answer.outputs.find((tensor) => tensor.name === name)?.data);
    predicted.push(...output('output'));
    state = output('stateN');
  }
  return { predicted, expected, maxError: largestDifference(predicted, expected) };
}

function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length)
    throw new CastellanError({
      code: 'answer_malformed',
      kind: 'internal',
      publicDetail: `${actual.length} numbers were answered, not ${expected.length}.`,
    });
  return Math.max(...actual.map((value, at) => Math.abs(value - (expected[at] ?? Number.NaN))));
}
