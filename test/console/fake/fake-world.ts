import type { Me, Quota, Role } from '@castellan/contracts';
import { FakeCompliance } from './fake-compliance.js';
import { FakeDestructions } from './fake-destructions.js';
import { FakeKeys } from './fake-keys.js';
import { FakeLog, type FakeEvent } from './fake-log.js';
import { FakePeople } from './fake-people.js';
import { FakePrivacy } from './fake-privacy.js';
import { FakeProtection } from './fake-protection.js';
import { FakeRegistry } from './fake-registry.js';
import { FakeServing } from './fake-serving.js';
import { FakeTransfers } from './fake-transfers.js';
import { FakeTrust } from './fake-trust.js';

/** Everything behind the fake api, and a clock that a spec can set back to give the world a past. */
export class FakeWorld {
  readonly project = { id: '3f0f1a34-0f5c-4c86-9a6e-6a2f5f3f9b1e', name: 'default' };
  readonly log = new FakeLog();
  readonly people = new FakePeople();
  readonly trust = new FakeTrust(this.people.organization, this.log);
  readonly registry = new FakeRegistry(this.people.organization, this.trust);
  readonly destructions = new FakeDestructions(this.trust);
  readonly transfers = new FakeTransfers(this.trust);
  readonly serving = new FakeServing(this.registry);
  readonly compliance = new FakeCompliance();
  readonly steward = this.people.add('sofia', 'Sofia Marin', ['steward']);
  readonly privacy: FakePrivacy;
  readonly keys: FakeKeys;
  readonly protection: FakeProtection;
  /** How far behind the present the world is, in milliseconds. */
  behindMs = 0;
  /** So many of the next pieces of a file are cut in the middle. */
  cuts = 0;
  /** Where each piece of a file began. */
  readonly appends: number[] = [];
  quota: Quota = { project: 'default', storedBytes: 1_500_000_000, uploadingBytes: 0 };
  /** Verdicts are given at once unless a spec holds them back. */
  scansHeld = false;

  constructor() {
    this.keys = new FakeKeys(this.now());
    this.privacy = new FakePrivacy('3', this.steward.me.id, this.now());
    this.protection = new FakeProtection(this.privacy.dataset);
  }

  now(): Date {
    return new Date(Date.now() - this.behindMs);
  }

  person(name: string, displayName: string, ...roles: readonly Role[]) {
    return this.people.add(name, displayName, roles);
  }

  record(me: Me, action: string, about: Omit<FakeEvent, 'action' | 'actor'> = {}): void {
    this.log.append({ action, actor: { kind: 'person', id: me.id, name: me.name }, ...about }, this.now());
  }

  recordProcess(name: string, action: string, about: Omit<FakeEvent, 'action' | 'actor'> = {}): void {
    this.log.append({ action, actor: { kind: 'process', name }, ...about }, this.now());
  }
}
