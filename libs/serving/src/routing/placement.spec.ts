import { describe, expect, it } from '@jest/globals';
import type { Evaluation } from '@castellan/contracts';
import type { Signature } from '@castellan/tensors';
import { needsEvaluation, ordersFor, routeOf } from './placement.js';
import type { DesiredDeployment } from './route.js';
import type { WorkerState } from './worker-client.js';
import type { Observation } from './worker-fleet.js';

const signature: Signature = { inputs: [], outputs: [] };
const digits: DesiredDeployment = {
  deploymentId: 'd1',
  organizationId: 'o1',
  projectId: 'p1',
  name: 'digits',
  model: 'digits',
  number: 1,
  versionId: 'v1',
};

function state(phase: WorkerState['phase'], change: Partial<WorkerState> = {}): WorkerState {
  const loaded = phase === 'ready' ? { versionDigest: 'aa', signature, platform: 'onnx' } : {};
  return { name: 'digits', versionId: 'v1', phase, ...loaded, ...change };
}

const on = (worker: string, ...states: WorkerState[]): Observation => ({ worker, states });
const silent = (worker: string): Observation => ({ worker, states: undefined });
const never = (): boolean => false;
const always = (): boolean => true;

function judged(allowed: boolean): Evaluation {
  const reasons = allowed ? [] : [{ code: 'quorum_missing', detail: '0 of 1 required reviewer approvals.' }];
  return { allowed, versionDigest: 'aa'.repeat(32), reasons, approvals: [] };
}

describe('what the workers are told', () => {
  it('is to run what they lack', () => {
    expect(ordersFor([digits], [on('w1')], never)).toEqual([
      { worker: 'w1', name: 'digits', action: 'place', versionId: 'v1' },
    ]);
  });

  it('is to run another version under the same name', () => {
    const old = state('ready', { versionId: 'v0' });
    expect(ordersFor([digits], [on('w1', old)], never)).toEqual([
      { worker: 'w1', name: 'digits', action: 'place', versionId: 'v1' },
    ]);
  });

  it('is to forget what nobody wants', () => {
    expect(ordersFor([], [on('w1', state('loading'))], never)).toEqual([
      { worker: 'w1', name: 'digits', action: 'remove' },
    ]);
  });

  it.each(['pending', 'loading', 'ready'] as const)('is nothing while they are %s', (phase) => {
    expect(ordersFor([digits], [on('w1', state(phase))], always)).toEqual([]);
  });

  it.each(['refused', 'failed', 'stopped'] as const)(
    'is to try again out of %s only when they may',
    (phase) => {
      expect(ordersFor([digits], [on('w1', state(phase))], never)).toEqual([]);
      expect(ordersFor([digits], [on('w1', state(phase))], always)).toHaveLength(1);
    },
  );

  it('is nothing to a silent worker', () => {
    expect(ordersFor([digits], [silent('w1'), on('w2', state('ready'))], always)).toEqual([]);
  });
});

describe('the keybroker is asked', () => {
  it.each([
    ['nobody runs it', [on('w1')], true],
    ['every worker is silent', [silent('w1')], true],
    ['a worker was refused', [on('w1', state('ready')), on('w2', state('refused'))], true],
    ['every worker runs it', [on('w1', state('ready')), on('w2', state('ready'))], false],
    ['one runs it and the other will', [on('w1', state('ready')), on('w2', state('loading'))], false],
  ])('when %s: %j', (_, observations, expected) => {
    expect(needsEvaluation(digits, observations)).toBe(expected);
  });
});

describe('a route', () => {
  it('leads to every worker that has the version', () => {
    const observations = [on('w1', state('ready')), on('w2', state('loading')), on('w3', state('ready'))];
    expect(routeOf(digits, observations, undefined)).toMatchObject({
      phase: 'ready',
      workers: [{ address: 'w1' }, { address: 'w3' }],
    });
  });

  it('never leads to another version of the same name', () => {
    const other = state('ready', { versionId: 'v0' });
    expect(routeOf(digits, [on('w1', other)], undefined)).toMatchObject({ phase: 'pending', workers: [] });
  });

  it('never leads to a worker that does not say what it loaded', () => {
    const { signature: _, ...mute } = state('ready');
    expect(routeOf(digits, [on('w1', mute)], undefined).workers).toEqual([]);
  });

  it("gives the keybroker's reasons before a worker's", () => {
    const refused = state('refused', { reason: 'release_refused', message: 'refused' });
    expect(routeOf(digits, [on('w1', refused)], judged(false))).toMatchObject({
      phase: 'refused',
      reason: 'not_approved',
      message: '0 of 1 required reviewer approvals.',
      refusals: judged(false).reasons,
    });
  });

  it("gives a worker's reasons when the keybroker can't be asked", () => {
    const refused = state('refused', { reason: 'release_refused', message: 'refused' });
    expect(routeOf(digits, [on('w1', refused)], undefined)).toMatchObject({
      phase: 'refused',
      reason: 'release_refused',
      message: 'refused',
    });
  });

  it('waits when a version that was refused is allowed now', () => {
    expect(routeOf(digits, [on('w1', state('refused'))], judged(true))).toMatchObject({ phase: 'pending' });
  });

  it('tells what failed, unless another worker is still loading', () => {
    const failed = state('failed', { reason: 'engine_failed', message: 'no such operator' });
    expect(routeOf(digits, [on('w1', failed)], judged(true))).toMatchObject({
      phase: 'failed',
      message: 'no such operator',
    });
    expect(routeOf(digits, [on('w1', failed), on('w2', state('loading'))], judged(true)).phase).toBe(
      'loading',
    );
  });

  it('waits when no worker answers', () => {
    expect(routeOf(digits, [silent('w1')], judged(true))).toMatchObject({ phase: 'pending', workers: [] });
  });
});
