import { z } from 'zod';
import { Id, loss, Name, Timestamp } from './primitives.js';
import { RunState } from './synthesis.js';

const size = z.number().int().min(1);

/** How images may be changed on the way to a gradient. */
export const ImageChange = z.union([
  z.strictObject({ flip: z.enum(['horizontal', 'vertical']) }),
  /** Degrees, at most, to either side. */
  z.strictObject({ rotate: z.number().gt(0).max(180) }),
  /** Pixels, at most: cut out of a frame that is so much wider on each side. */
  z.strictObject({ crop: z.number().int().min(1).max(64) }),
  /** With another image of the same unit, and of no other: so far, at most. */
  z.strictObject({ mix: z.number().gt(0).max(1) }),
]);
export type ImageChange = z.infer<typeof ImageChange>;

// POST /api/v1/datasets/{id}/trainings ; POST /api/v1/datasets/{id}/trainings/price (same body, costs nothing)
export const TrainingRequest = z
  .object({
    /** A category column (classes are told apart) or a number column (a number is predicted). */
    label: z.string().min(1).max(128),
    /** Absent: every category and number column but the label. */
    features: z.array(z.string().min(1).max(128)).min(1).max(200).optional(),
    /** The model whose next version comes out; a new one is opened in the dataset's project. */
    model: Name,
    /**
     * An approved version whose last dense layers are trained on instead of new ones: `model@number`, or an id. It then says
     * what the layers are, and `hidden` and `activation` are not looked at.
     */
    base: z.string().min(1).max(200).optional(),
    /** So many of its last dense layers are trained, and the rest stays as it is; absent: all of it. */
    trainLast: size.max(5).optional(),
    /** The features are the pixels of one image, line by line, the channels of a pixel side by side. */
    image: z.object({ height: size.max(256), width: size.max(256), channels: size.max(4) }).optional(),
    augment: z.array(ImageChange).min(1).max(8).optional(),
    /** So many changed copies of a row make its gradient, which costs time and no epsilon. */
    augmentCopies: size.max(16).optional(),
    /** Widths of the hidden layers. */
    hidden: z.array(size.max(1024)).max(4).default([16]),
    activation: z.enum(['relu', 'tanh', 'sigmoid']).default('relu'),
    rowsPerUnit: size.max(100_000).default(1),
    /** With which probability a unit is in a batch. */
    samplingRate: z
      .string()
      .regex(/^(0\.\d{1,6}|1)$/)
      .default('0.1'),
    /** About how many units a batch has: public, only scales the steps. */
    batchUnits: size.max(1_000_000).default(50),
    steps: size.max(20_000).default(200),
    /** The norm that one unit's gradient is clipped to. */
    clip: z.number().min(1e-3).max(1e3).default(1),
    optimiser: z.enum(['sgd', 'momentum', 'adagrad', 'rmsprop', 'adam']).default('adam'),
    learningRate: z.number().min(1e-6).max(100).default(0.02),
    momentum: z.number().min(0).max(0.999).default(0.9),
    l1: z.number().min(0).max(10).default(0),
    l2: z.number().min(0).max(10).default(0),
    epsilon: z.string().min(1).max(40),
    delta: z.string().min(1).max(40),
    /** A synthetic table of the same dataset that progress is measured on; absent: only noisy gradients tell of it. */
    evaluateOn: Id.optional(),
  })
  .meta({ id: 'TrainingRequest' });
export type TrainingRequest = z.infer<typeof TrainingRequest>;

export const TrainingPrice = z
  .object({
    ...loss,
    delta: z.string(),
    remaining: z.string(),
    remainingDelta: z.string(),
    free: z.boolean(),
    /** Standard deviation of the noise, in clipping norms. */
    noise: z.number(),
    /** What it costs by loss distributions (at most the price) and, by another account, by Rényi divergences. */
    accounted: z.number(),
    accountedByRenyi: z.number(),
    /** With a base: at most. How many they are is seen when it is opened. */
    parameters: z.number().int(),
    inputs: z.number().int(),
    outputs: z.number().int(),
    /** The version that is trained on. */
    base: z.string().optional(),
  })
  .meta({ id: 'TrainingPrice' });
export type TrainingPrice = z.infer<typeof TrainingPrice>;

/** What may be told of a step: made of noisy gradients and of synthetic rows alone. */
export const TrainingPoint = z.object({
  step: z.number().int(),
  gradientNorm: z.number(),
  loss: z.number().optional(),
  accuracy: z.number().optional(),
});
export type TrainingPoint = z.infer<typeof TrainingPoint>;

export const Training = z
  .object({
    id: Id,
    dataset: Name,
    person: z.string(),
    question: z.string(),
    ...loss,
    delta: z.string(),
    state: RunState,
    failure: z.string().optional(),
    /** Of what failed before the data were touched, in words: what a base lacks. */
    failureDetail: z.string().optional(),
    /** The version that is trained on. */
    base: z.string().optional(),
    /** Somebody asked for it to stop. */
    cancelling: z.boolean(),
    createdAt: Timestamp,
    steps: z.number().int(),
    points: z.array(TrainingPoint),
    version: z.object({ id: Id, ref: z.string() }).optional(),
    card: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Training' });
export type Training = z.infer<typeof Training>;
export const TrainingList = z.object({ trainings: z.array(Training) }).meta({ id: 'TrainingList' });
export type TrainingList = z.infer<typeof TrainingList>;
