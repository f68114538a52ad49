import { defineEvents, details, type EventActor } from '@castellan/audit';
import type { GrantedRaise } from '@castellan/contracts';
import type { Peer } from '@castellan/http';

/** What the broker records. Every key that leaves, and everything that changes what may leave, is here. */
export const keybrokerEvents = defineEvents({
  'key.released': {
    meaning: 'Data keys were sealed to one process, for one purpose.',
    details: details<{
      purpose: string;
      dataKeyIds: string[];
      /** SHA-256 of the ephemeral public key that the data keys were sealed to. */
      recipient: string;
      deployment?: string;
      policyDigest?: string;
      approvals?: string[];
    }>(),
  },
  'key.refused': {
    meaning: 'A process asked for data keys, or to keep them, and was refused.',
    details: details<{ purpose: string; reasons: string[]; deployment?: string }>(),
  },
  'kek.created': {
    meaning: 'A project got a key-encryption key.',
    details: details<{ projectId: string; version: number }>(),
  },
  'kek.rotated': {
    meaning:
      'A project got the next version of its key-encryption key; new data keys rest on it from now on.',
    details: details<{ projectId: string; version: number }>(),
  },
  'data-keys.rewrapped': {
    meaning:
      'Data keys were moved to the newest key-encryption key of their project; those named did not open.',
    details: details<{ projectId: string; version: number; rewrapped: number; unopened: string[] }>(),
  },
  'kek.retired': {
    meaning: 'An older key-encryption key, on which no data key rested any more, was destroyed for good.',
    details: details<{ projectId: string; version: number }>(),
  },
  'person-key.created': {
    meaning: 'A person got the key under which their name and addresses are sealed in the log.',
  },
  'person-keys.opened': {
    meaning:
      'A process was given keys to show people’s names and addresses to readers of the log, or to watch it.',
    details: details<{ people: string[] }>(),
  },
  'keys.destroyed': {
    meaning:
      'The keys of a version, model or project, or of a person’s data in the log, were destroyed for good, on the orders of two people.',
    details: details<{ name: string; versions: number; orders: string[]; people: string[] }>(),
  },
  'root.exported': {
    meaning:
      'A project’s keys were sealed to a certificate of another platform, on the orders of two people.',
    details: details<{
      recipient: string;
      holder: string;
      versions: number[];
      orders: string[];
      people: string[];
    }>(),
  },
  'root-recipient.created': {
    meaning: 'A certificate was made that one project’s keys can be sealed to by another platform.',
    details: details<{ validUntil: string }>(),
  },
  'root.imported': {
    meaning: 'A project’s keys were taken in that another platform sealed to a certificate of this one.',
    details: details<{ project: string; sender: string; recipient: string; versions: number[] }>(),
  },
  'root.import-refused': { meaning: 'A package of a project’s keys was handed in and did not hold up.' },
  'budget.raised': {
    meaning: 'A limit of a privacy ledger was raised, on the signatures of two people.',
    details: details<{ organization: string; project: string } & GrantedRaise>(),
  },
  'budget.lowered': {
    meaning: 'A limit of a privacy ledger was lowered, at once.',
    details: details<{ organization: string; project: string } & GrantedRaise>(),
  },
  'document.honoured': {
    meaning:
      'A signed document took effect: a policy, a reviewer certificate, a revocation, a rejection or an order of one of two people.',
    details: details<{ kind: string; subject: string; organization: string; project?: string }>(),
  },
  'document.refused': { meaning: 'A signed document was handed in and did not hold up.' },
  'process.enrolled': {
    meaning: 'A process got a certificate.',
    details: details<{ certificate: string; notAfter: string }>(),
  },
  'process.refused': { meaning: 'Somebody asked for a certificate without the token of the role.' },
  'forwarding-key.derived': {
    meaning: 'A process was given the key that deliveries to a webhook are signed with.',
  },
  's3-secret.derived': {
    meaning: 'The api was given what S3 clients sign with in the name of an API key.',
  },
  'log.succeeded': {
    meaning: 'Another log was closed and this one begun in its place, with the leaves that were left of it.',
    details: details<{
      closed: string;
      begun: string;
      lastCheckpoint?: string;
      leaves: number;
      lost: number;
      heldLedgers: number;
      /** Things that were destroyed after the backup, and stay so. */
      destroyed: number;
    }>(),
  },
  'export.signed': { meaning: 'An export was signed with the platform certificate.' },
});

/** A process as the author of an event. */
export function actorOf({ role, name, fingerprint }: Peer): EventActor {
  return { kind: 'process', id: `${role}/${name}`, name, credentialId: fingerprint };
}
