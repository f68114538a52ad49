/*
 * The sequencer and the signer, as a process of their own while appends are measured. Arguments: database URL, signer key,
 * memory file. Sends 'running' after its first round and ends when it is told anything.
 */
import { CheckpointAuthority, Sequencer } from '@castellan/audit';
import { PrismaDatabase } from '@castellan/database';
import { NoteSigner } from '@castellan/signed-note';
import { FileMemory } from '../../../libs/audit/src/testing/file-memory.js';

const [, , url = '', signerKey = '', memoryFile = ''] = process.argv;
const signer = NoteSigner.parse(signerKey);
const database = new PrismaDatabase({ url });
const sequencer = new Sequencer(database, new CheckpointAuthority(signer, new FileMemory(memoryFile)), {
  origin: signer.name,
  vkey: signer.verifierKey.toString(),
});
const stopping = new AbortController();
process.once('message', () => stopping.abort());
await sequencer.round();
process.send?.('running');
await sequencer.run(stopping.signal);
await database.close();
process.disconnect();
