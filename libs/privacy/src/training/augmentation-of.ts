import type { ImageChange } from '@castellan/contracts';
import type { Augmentation } from '@castellan/keras';
import { refused } from '../question/syntax.js';
import type { FeatureTable } from './feature-table.js';
import type { WantedTraining } from './prepare-training.js';

const COPIES = 4;

/**
 * What was asked for as one augmentation, by public parameters alone; undefined where nothing was.
 * @throws question_refused when the features are no such image, or a unit would have to be mixed with another
 */
export function augmentationOf(
  { image, augment, augmentCopies = COPIES, rowsPerUnit }: WantedTraining,
  { features }: Pick<FeatureTable, 'features'>,
): Augmentation | undefined {
  if (augment === undefined) return undefined;
  if (image === undefined)
    throw refused('augment', 'only an image can be changed: say its height, width and channels.');
  const pixels = image.height * image.width * image.channels;
  const other = features.find(({ kind }) => kind !== 'number');
  if (other !== undefined) throw refused(other.name, 'a pixel is a number.');
  if (features.length !== pixels)
    throw refused('image', `it has ${pixels} numbers, and there are ${features.length} features.`);
  const of = <Key extends string>(key: Key) =>
    augment.flatMap((change: ImageChange) => (key in change ? [change as Record<Key, number>] : []));
  const most = (key: 'rotate' | 'crop' | 'mix') => Math.max(0, ...of(key).map((change) => change[key]));
  const mix = most('mix');
  // Mixed with somebody else's image, a gradient would be two units', and clipping it would bound neither.
  if (mix > 0 && rowsPerUnit === 1)
    throw refused(
      'mix',
      'an image is mixed with others of its own unit alone, and here a unit counts with one row.',
    );
  return {
    image,
    copies: augmentCopies,
    flip: augment.flatMap((change) => ('flip' in change ? [change.flip] : [])),
    rotate: most('rotate'),
    crop: most('crop'),
    mix,
  };
}
