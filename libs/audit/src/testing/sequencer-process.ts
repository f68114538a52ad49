/*
 * A process for `kill.spec.ts` to kill: a sequencer in a hurry, and the authority with its memory in a file.
 * Arguments: database URL, signer key, memory file. Says "running" on standard output after its first round.
 */
import { PrismaDatabase } from '@castellan/database';
import { NoteSigner } from '@castellan/signed-note';
import { CheckpointAuthority } from '../checkpoint-authority.js';
import { Sequencer } from '../sequencer.js';
import { FileMemory } from './file-memory.js';

const [, , url = '', signerKey = '', memoryFile = ''] = process.argv;
const signer = NoteSigner.parse(signerKey);
const sequencer = new Sequencer(
  new PrismaDatabase({ url }),
  new CheckpointAuthority(signer, new FileMemory(memoryFile)),
  { origin: signer.name, vkey: signer.verifierKey.toString() },
  { intervalMs: 1, batchSize: 7 },
);
await sequencer.round();
process.stdout.write('running\n');
await sequencer.run(new AbortController().signal);
