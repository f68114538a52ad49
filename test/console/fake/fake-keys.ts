import { randomUUID } from 'node:crypto';
import type { KeyRotation, ProjectKeys, ProjectKeyVersion } from '@castellan/contracts';
import { FakeRefusal } from './fake-refusal.js';

/** One project's keys. A rotation moves a quarter of the data keys each time somebody looks, and waits half way to be taken up again. */
export class FakeKeys {
  #versions: ProjectKeyVersion[];
  #rotation: KeyRotation | undefined;
  #wasResumed = false;

  constructor(now: Date, dataKeys = 4_000) {
    this.#versions = [{ version: 1, state: 'current', dataKeys, createdAt: now.toISOString() }];
  }

  show(project: string, now: Date): ProjectKeys {
    this.#advance(now);
    const rotation = this.#rotation;
    return { project, versions: this.#versions, ...(rotation && { rotation }) };
  }

  rotate(fromVersion: number, requestedBy: string, now: Date): KeyRotation {
    const [current] = this.#versions;
    if (current?.version !== fromVersion)
      throw new FakeRefusal(409, 'kek_version_stale', `The project's key is at version ${current?.version}.`);
    const older = this.#versions.map((each) => ({ ...each, state: olderState(each.state) }));
    const createdAt = now.toISOString();
    this.#versions = [{ version: fromVersion + 1, state: 'current', dataKeys: 0, createdAt }, ...older];
    const terms = { id: randomUUID(), fromVersion, state: 'running', unopenedKeys: 0 } as const;
    return (this.#rotation = { ...terms, requestedBy, createdAt });
  }

  steer(state: 'cancelled' | 'running'): KeyRotation {
    if (this.#rotation === undefined)
      throw new FakeRefusal(409, 'rotation_not_running', 'Nothing is re-wrapped.');
    this.#wasResumed = state === 'running';
    return (this.#rotation = { ...this.#rotation, state });
  }

  retire(version: number, now: Date): void {
    this.#versions = this.#versions.map((each) =>
      each.version === version ? { ...each, state: 'retired', retiredAt: now.toISOString() } : each,
    );
  }

  #advance(now: Date): void {
    const [current, previous] = this.#versions;
    const rotation = this.#rotation;
    if (rotation?.state !== 'running' || current === undefined || previous === undefined) return;
    const totalKeys = current.dataKeys + previous.dataKeys;
    const isHalfWay = previous.dataKeys <= totalKeys / 2;
    const moved = isHalfWay && !this.#wasResumed ? 0 : Math.min(previous.dataKeys, totalKeys / 4);
    current.dataKeys += moved;
    previous.dataKeys -= moved;
    const remainingKeys = previous.dataKeys;
    this.#rotation = { ...rotation, totalKeys, remainingKeys };
    if (remainingKeys === 0)
      this.#rotation = { ...this.#rotation, state: 'done', finishedAt: now.toISOString() };
  }
}

function olderState(state: ProjectKeyVersion['state']): ProjectKeyVersion['state'] {
  return state === 'current' ? 'previous' : state;
}
