import { beforeAll, describe, expect, it } from '@jest/globals';
import { selectBackend } from './backend.js';
import { buildGraph } from './graph.js';
import { writeWeights } from './weights.js';

type Entry = Record<string, unknown>;

const input = (name = 'x', shape: unknown = [null, 2]): Entry => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_shape: shape, dtype: 'float32' },
  inbound_nodes: [],
});

const dense = (name: string, from: readonly string[], config: Entry = {}): Entry => ({
  class_name: 'Dense',
  name,
  config: { name, units: 2, activation: 'linear', use_bias: false, ...config },
  inbound_nodes: from.map((layer) => [[layer, 0, 0, {}]]),
});

const functional = (layers: readonly unknown[], output = 'y', extra: Entry = {}): Entry => ({
  class_name: 'Functional',
  config: { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: [[output, 0, 0]], ...extra },
});

beforeAll(() => selectBackend());

describe('a configuration', () => {
  it('is built whatever the order of its layers', () => {
    const graph = buildGraph(functional([dense('y', ['h']), dense('h', ['x']), input()]), 3);
    expect(graph.outputNames).toEqual(['y']);
    expect(graph.model.outputs[0]?.shape).toEqual([null, 2]);
  });

  it('may use one layer twice, and give one output twice', () => {
    const layers = [
      input(),
      dense('h', ['x']),
      { ...dense('y', []), inbound_nodes: [[['x', 0, 0, {}]], [['h', 0, 0, {}]]] },
    ];
    const outputs = {
      output_layers: [
        ['y', 0, 0],
        ['y', 1, 0],
      ],
    };
    expect(buildGraph(functional(layers, 'y', outputs), 2).outputNames).toEqual(['y', 'y_1']);
  });

  it.each<[string, unknown, string, RegExp]>([
    ['no model', 7, 'model_feature_unsupported', /class nothing/],
    [
      'a subclassed model',
      { class_name: 'MyModel', config: {} },
      'model_feature_unsupported',
      /class MyModel/,
    ],
    ['no layers', functional([]), 'model_unreadable', /no layers/],
    [
      'a layer without settings',
      functional([{ class_name: 'Dense' }]),
      'model_unreadable',
      /without a class or settings/,
    ],
    [
      'a cycle',
      functional([input(), dense('y', ['h']), dense('h', ['y'])]),
      'model_unreadable',
      /wait for each other/,
    ],
    [
      'a layer that feeds itself',
      functional([input(), dense('y', ['y'])]),
      'model_unreadable',
      /wait for each other/,
    ],
    [
      'a missing layer',
      functional([input(), dense('y', ['gone'])]),
      'model_unreadable',
      /wait for each other/,
    ],
    [
      'a missing output',
      functional([input(), dense('y', ['x'])], 'z'),
      'model_unreadable',
      /no output 0 of call 0 of layer "z"/,
    ],
    [
      'one name twice',
      functional([input(), dense('y', ['x']), dense('y', ['x'])]),
      'model_unreadable',
      /two layers are named "y"/,
    ],
    [
      'a name of JavaScript’s own',
      functional([input(), dense('constructor', ['x'])]),
      'model_unreadable',
      /named "constructor"/,
    ],
    [
      'a prototype',
      functional([input(), dense('__proto__', ['x'])]),
      'model_unreadable',
      /named "__proto__"/,
    ],
    [
      'no shape',
      functional([input('x', 'wide'), dense('y', ['x'])]),
      'model_unreadable',
      /"batch_shape" is not a shape/,
    ],
    [
      'units that are no number',
      functional([input(), dense('y', ['x'], { units: '2' })]),
      'model_unreadable',
      /"units" is not a number/,
    ],
    [
      'negative units',
      functional([input(), dense('y', ['x'], { units: -2 })]),
      'model_feature_unsupported',
      /"y" \(Dense\)/,
    ],
    [
      'an unknown activation',
      functional([input(), dense('y', ['x'], { activation: 'toString' })]),
      'model_feature_unsupported',
      /activation is "toString"/,
    ],
    [
      'an unknown layer',
      functional([input(), { ...dense('y', ['x']), class_name: 'Oracle' }]),
      'model_feature_unsupported',
      /no such layer/,
    ],
    [
      'a layer class of JavaScript’s own',
      functional([input(), { ...dense('y', ['x']), class_name: 'constructor' }]),
      'model_feature_unsupported',
      /no such layer/,
    ],
    [
      'training inside the model',
      functional([input(), { ...dense('y', []), inbound_nodes: [[['x', 0, 0, { training: true }]]] }]),
      'model_feature_unsupported',
      /called with training/,
    ],
  ])('is refused with %s', (_, config, code, detail) => {
    expect(() => buildGraph(config, 3)).toThrow(
      expect.objectContaining({ code, publicDetail: expect.stringMatching(detail) }),
    );
  });

  it('is refused when models are nested without end', () => {
    let config = functional([input(), dense('y', ['x'])]);
    for (let depth = 0; depth < 20; depth += 1) {
      config = functional([input(), { ...config, name: 'y', inbound_nodes: [[['x', 0, 0, {}]]] }]);
    }
    expect(() => buildGraph(config, 3)).toThrow(/nested too deep/);
  });
});

describe('weights', () => {
  const graph = () => buildGraph(functional([input(), dense('y', ['x'])]), 3);
  const kernel = { name: 'y/kernel', shape: [2, 2], data: new Float32Array(4) };

  it('are all there, of the right shape and name, or the model is refused', () => {
    expect(() => writeWeights(graph().layers, new Map([['y', [kernel]]]))).not.toThrow();
    for (const given of [
      [],
      [kernel, kernel],
      [{ ...kernel, shape: [4, 1] }],
      [{ ...kernel, name: 'y/bias' }],
    ]) {
      expect(() => writeWeights(graph().layers, new Map([['y', given]]))).toThrow(
        expect.objectContaining({
          code: 'model_unreadable',
          publicDetail: expect.stringMatching(/^Layer "y": /),
        }),
      );
    }
  });
});
