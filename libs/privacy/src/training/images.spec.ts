import { TrainingRequest, type DatasetDeclaration } from '@castellan/contracts';
import type { DatasetRow } from '../dataset/dataset-store.js';
import { PrivacyFloor } from '../testing/privacy-floor.js';

const pixels = ['p0', 'p1', 'p2', 'p3'];
const declaration: DatasetDeclaration = {
  columns: [
    { name: 'writer', type: 'id' },
    ...pixels.map((name) => ({ name, type: 'number' as const, lower: 0, upper: 16, decimals: 0 })),
    { name: 'digit', type: 'category', values: ['0', '1'] },
  ],
  privacyUnit: 'writer',
  neighbours: 'add_remove_unit',
  maxGroupsPerUnit: 2,
  maxRowsPerGroup: 4,
  purpose: 'test',
};
const row = (i: number) => `w${i % 40},${i % 2 ? '16,0,16,0' : '0,16,0,16'},${i % 2}`;
const csv = ['writer,p0,p1,p2,p3,digit', ...Array.from({ length: 80 }, (_, i) => row(i))].join('\n');

const wanted = (part: Partial<TrainingRequest> = {}) =>
  TrainingRequest.parse({
    label: 'digit',
    features: pixels,
    model: 'digits',
    hidden: [],
    steps: 3,
    samplingRate: '0.2',
    rowsPerUnit: 2,
    epsilon: '2',
    delta: '1e-6',
    image: { height: 2, width: 2, channels: 1 },
    augment: [{ flip: 'vertical' }, { rotate: 10 }, { crop: 1 }, { mix: 0.4 }],
    ...part,
  });

describe('a training on images', () => {
  let floor: PrivacyFloor;
  let dataset: DatasetRow;
  beforeAll(async () => {
    floor = await PrivacyFloor.open();
    dataset = await floor.sealedDataset('digits', '10', csv, declaration, '1e-5');
  });
  afterAll(() => floor[Symbol.asyncDispose]());

  it('costs the same with changed copies, and says in its card what was done', async () => {
    const { image: _, augment: __, ...plain } = wanted();
    const [changed, still] = [
      await floor.priceTraining(dataset, wanted()),
      await floor.priceTraining(dataset, plain),
    ];
    expect(changed).toEqual(still);
    const { entryId } = await floor.train(dataset, wanted());
    await floor.settled();
    const shown = await floor.showTraining.show(dataset, await floor.showTraining.find(dataset, entryId));
    expect(shown).toMatchObject({ state: 'done', version: { ref: 'digits@1' } });
    expect(shown.card).toMatchObject({
      image: '2 × 2 × 1',
      augment: '[{"flip":"vertical"},{"rotate":10},{"crop":1},{"mix":0.4}]',
      augmentCopies: 4,
      augmentBound: expect.stringContaining('clipped once') as string,
    });
  }, 60_000);

  it.each([
    ['no image is declared', { image: undefined }, /say its height, width and channels/],
    [
      'the image has other pixels',
      { image: { height: 3, width: 2, channels: 1 } },
      /6 numbers, and there are 4 features/,
    ],
    ['a pixel is no number', { features: ['p0', 'p1', 'p2', 'digit'], label: 'p3' }, /a pixel is a number/],
    ['units would be mixed with each other', { rowsPerUnit: 1 }, /mixed with others of its own unit alone/],
  ])('is refused where %s, and nothing is spent', async (_, part, message) => {
    const before = (await floor.budget(dataset)).spent;
    await expect(floor.train(dataset, wanted(part as Partial<TrainingRequest>))).rejects.toMatchObject({
      code: 'question_refused',
      publicDetail: expect.stringMatching(message) as string,
    });
    expect((await floor.budget(dataset)).spent).toBe(before);
  });
});
