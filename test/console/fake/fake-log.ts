import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { canonicalize, type JsonValue } from '@castellan/canonical-json';
import type { AuditPage, AuditQuery, AuditRecord, InclusionProof } from '@castellan/contracts';
import { type Hash, leafHash, nodeHash } from '@castellan/merkle-log';
import { formatCheckpoint, NoteSigner, signNote } from '@castellan/signed-note';
import { FakeRefusal } from './fake-refusal.js';

export interface FakeEvent {
  readonly action: string;
  readonly actor: {
    readonly kind: 'person' | 'process' | 'anonymous';
    readonly id?: string;
    readonly name?: string;
  };
  readonly resource?: { readonly kind: string; readonly id: string; readonly digest?: string };
  readonly decision?: 'allow' | 'deny';
  readonly reason?: string;
  readonly details?: Readonly<Record<string, JsonValue>>;
}

const ORIGIN = 'castellan.local/audit/console-spec';

/** A log in memory with real leaves, real proofs and a real signature; the tree is hashed anew for every answer. */
export class FakeLog {
  readonly origin = ORIGIN;
  readonly #signer = new NoteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
  readonly #records: AuditRecord[] = [];

  get vkey(): string {
    return this.#signer.verifierKey.toString();
  }

  get records(): readonly AuditRecord[] {
    return this.#records;
  }

  append({ decision = 'allow', ...event }: FakeEvent, time: Date): void {
    const { actor, resource, details, ...rest } = event;
    const eventId = randomUUID();
    const leaf: JsonValue = {
      id: eventId,
      time: time.toISOString(),
      organizationId: '6b1f6c0e-6c3f-4a57-9a55-0c5f2c0f7a11',
      decision,
      ...rest,
      actor: { ...actor },
      ...(resource === undefined ? {} : { resource: { ...resource } }),
      ...(details === undefined ? {} : { details }),
    };
    const text = canonicalize(leaf);
    this.#records.push({
      index: String(this.#records.length),
      eventId,
      time: time.toISOString(),
      action: event.action,
      actor: actor.name ?? actor.id ?? actor.kind,
      ...(resource === undefined ? {} : { resource: `${resource.kind}:${resource.id}` }),
      decision,
      leafHash: Buffer.from(leafHash(Buffer.from(text))).toString('hex'),
      event: text,
    });
  }

  search({ action, actor, resource, decision, text, before, limit }: AuditQuery): AuditPage {
    const hits = this.#records
      .filter(({ index }) => before === undefined || Number(index) < Number(before))
      .filter((record) => {
        const event: FakeEvent = JSON.parse(record.event);
        return (
          (action === undefined || record.action === action || record.action.startsWith(`${action}.`)) &&
          (actor === undefined || (event.actor.id ?? event.actor.name) === actor) &&
          (resource === undefined || event.resource?.id === resource) &&
          (decision === undefined || record.decision === decision) &&
          (text === undefined || record.event.toLowerCase().includes(text.toLowerCase()))
        );
      })
      .reverse();
    const page = hits.slice(0, limit);
    const last = page.at(-1);
    return {
      records: page,
      treeSize: String(this.#records.length),
      ...(hits.length > page.length && last !== undefined ? { next: last.index } : {}),
    };
  }

  prove(eventId: string): InclusionProof {
    const index = this.#records.findIndex((record) => record.eventId === eventId);
    const record = this.#records[index];
    if (record === undefined) throw new FakeRefusal(404, 'event_unknown', 'No such event is in the log.');
    const leaves = this.#records.map(({ event }) => leafHash(Buffer.from(event)));
    const text = formatCheckpoint({
      origin: ORIGIN,
      size: leaves.length,
      root: rootOf(leaves),
      extensions: [],
    });
    return {
      index: record.index,
      treeSize: String(leaves.length),
      leaf: record.event,
      hashes: pathTo(index, leaves).map((hash) => Buffer.from(hash).toString('base64')),
      checkpoint: signNote(text, [this.#signer]),
    };
  }
}

/** MTH of RFC 6962 §2.1, written from the text: another implementation than the one that is tested. */
function rootOf(leaves: readonly Hash[]): Hash {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  const split = splitOf(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** PATH of RFC 6962 §2.1.1. */
function pathTo(index: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...pathTo(index, left), rootOf(right)]
    : [...pathTo(index - split, right), rootOf(left)];
}

function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
