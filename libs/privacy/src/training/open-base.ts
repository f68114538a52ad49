import { kerasFileAmong, type BaseExpectation, type BaseFit } from '@castellan/keras';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { PrivacyError } from '../privacy-error.js';
import { BaseVersions } from './base-versions.js';
import { describeFeatures } from './feature-table.js';
import { MOST_PARAMETERS, type PreparedTraining } from './prepare-training.js';
import { TrainingEngine } from './training-engine.js';

/** A base that fits: a Keras file, what of it is trained, and what the training is to ask of it. */
export interface FittingBase {
  readonly file: Uint8Array;
  readonly expected: BaseExpectation;
  readonly fit: BaseFit;
  dispose(): void;
}

/** The part of a card of a training here that says what each input and output is. */
const NamedColumns = z.object({ inputs: z.string(), outputs: z.string() });

/** Opens the version that a training goes on from and checks that it fits the table, before the table is touched. */
@Injectable()
export class OpenBase {
  constructor(
    private readonly bases: BaseVersions,
    private readonly engine: TrainingEngine,
  ) {}

  /**
   * Undefined for a training of its own.
   * @throws what opening throws; base_differs, naming what does; EngineError `base_incompatible` and the like
   */
  async execute({ wanted, known, table }: PreparedTraining): Promise<FittingBase | undefined> {
    if (wanted.base === undefined) return undefined;
    const opened = await this.bases.open(wanted.base);
    const dispose = () => opened.dispose();
    try {
      if (opened.organization !== known.document.organization)
        throw differs(`${wanted.base.ref} is a version of another organisation.`);
      const file = kerasFileAmong(opened.files);
      if (file === undefined) throw differs(`${wanted.base.ref} has not exactly one Keras model.`);
      requireSameColumns(opened.files.get('privacy-card.json'), describeFeatures(table));
      const { inputs, outputs, loss } = table;
      const { trainLast } = wanted;
      const mostParameters = MOST_PARAMETERS;
      const expected = { inputs, outputs, loss, mostParameters, ...(trainLast && { trainLast }) };
      return { file, expected, fit: await this.engine.fit(file, expected), dispose };
    } catch (error) {
      dispose();
      throw error;
    }
  }
}

/** A model that was trained here says what its inputs are, and they must be the same ones in the same order. */
function requireSameColumns(
  card: Uint8Array | undefined,
  { inputs, outputs }: ReturnType<typeof describeFeatures>,
): void {
  if (card === undefined) return;
  const named = NamedColumns.safeParse(parseJson(card));
  if (!named.success) return;
  requireSame('input', named.data.inputs.split('; '), inputs);
  requireSame('output', named.data.outputs.split('; '), outputs);
}

function requireSame(what: string, theirs: readonly string[], ours: readonly string[]): void {
  for (let at = 0; at < Math.max(theirs.length, ours.length); at += 1)
    if (theirs[at] !== ours[at])
      throw differs(
        `Its ${what} ${at + 1} is ${theirs[at] ?? 'missing'}, and here it would be ${ours[at] ?? 'none'}.`,
      );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

function differs(publicDetail: string): PrivacyError {
  return new PrivacyError('base_differs', { kind: 'conflict', publicDetail });
}
