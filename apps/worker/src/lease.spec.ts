import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CastellanError, type ErrorKind } from '@castellan/errors';
import { HeldLease, type Lease, type LeaseSource } from './lease.js';

const LENGTH_MS = 600;
const granted = (id = 'first'): Lease => ({ id, expiresAt: new Date(Date.now() + LENGTH_MS) });

function failure(code: string, kind: ErrorKind): CastellanError {
  return new CastellanError({ code, kind, publicDetail: code });
}

/** A keybroker that answers each renewal as the spec says. */
class Source implements LeaseSource {
  readonly asked: string[] = [];
  constructor(private readonly answer: (nth: number) => Date | Promise<Date>) {}

  async renew(leaseId: string): Promise<Date> {
    this.asked.push(leaseId);
    return this.answer(this.asked.length);
  }

  async acquire(): Promise<Lease> {
    this.asked.push('anew');
    return granted('second');
  }
}

describe('a held lease', () => {
  const held: HeldLease[] = [];
  const hold = (source: LeaseSource): HeldLease => {
    const lease = HeldLease.hold(granted(), source);
    held.push(lease);
    return lease;
  };
  afterEach(() => held.splice(0).forEach((lease) => lease.letGo()));

  async function renewals(source: Source, count: number): Promise<void> {
    while (source.asked.length < count) await sleep(5);
  }

  it('is valid for as long as it is renewed', async () => {
    const source = new Source(() => granted().expiresAt);
    const lease = hold(source);
    await renewals(source, 6);
    expect(lease.isValid).toBe(true);
    expect(source.asked.every((id) => id === 'first')).toBe(true);
  });

  it('ends with the first refusal', async () => {
    const refusal = failure('release_refused', 'forbidden');
    const lease = hold(new Source(() => Promise.reject(refusal)));
    expect(await lease.ended).toBe(refusal);
    expect(lease.isValid).toBe(false);
  });

  it('ends with an answer that is no answer, rather than going on', async () => {
    const lease = hold(new Source(() => Promise.reject(new TypeError('not a date'))));
    expect(await lease.ended).toBeInstanceOf(TypeError);
  });

  it('survives a keybroker that is away for less than its length', async () => {
    const away = failure('peer_unavailable', 'unavailable');
    const source = new Source((nth) => (nth % 2 === 1 ? Promise.reject(away) : granted().expiresAt));
    const lease = hold(source);
    await renewals(source, 6);
    expect(lease.isValid).toBe(true);
  });

  it('runs out when the keybroker stays away', async () => {
    const lease = hold(new Source(() => Promise.reject(failure('peer_unavailable', 'unavailable'))));
    expect(await lease.ended).toMatchObject({ code: 'lease_expired' });
    expect(lease.isValid).toBe(false);
  });

  it('runs out while a renewal hangs, and a late answer brings nothing back', async () => {
    const late = Promise.withResolvers<Date>();
    const lease = hold(new Source(() => late.promise));
    expect(await lease.ended).toMatchObject({ code: 'lease_expired' });
    late.resolve(new Date(Date.now() + 60_000));
    await sleep(1);
    expect(lease.isValid).toBe(false);
  });

  it('is asked for anew when the keybroker has forgotten it, and renewed under its new name', async () => {
    const unknown = failure('lease_unknown', 'not_found');
    const source = new Source((nth) => (nth === 1 ? Promise.reject(unknown) : granted().expiresAt));
    const lease = hold(source);
    await renewals(source, 3);
    expect(source.asked.slice(0, 3)).toEqual(['first', 'anew', 'second']);
    expect(lease.isValid).toBe(true);
  });

  it('is over before it began when it was granted for a time that has passed', async () => {
    const lease = HeldLease.hold(
      { id: 'old', expiresAt: new Date(Date.now() - 1) },
      new Source(() => sleep(1e3, new Date())),
    );
    held.push(lease);
    expect(lease.isValid).toBe(false);
    expect(await lease.ended).toMatchObject({ code: 'lease_expired' });
  });

  it('is renewed no more once it is let go', async () => {
    const source = new Source(() => granted().expiresAt);
    const lease = hold(source);
    await renewals(source, 1);
    lease.letGo();
    const { length } = source.asked;
    await sleep(LENGTH_MS);
    expect(source.asked).toHaveLength(length);
    expect(lease.isValid).toBe(false);
  });
});
