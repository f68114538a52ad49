import type { AuditPage, AuditRecord, InclusionProof } from '@castellan/contracts';
import type { AuditReader } from '../audit-reader.js';
import type { AuditSearch } from '../search/search-entries.js';
import type { PersonalAttributes } from './personal-attributes.js';

/**
 * The log as it is read by whoever may see people's names and addresses: what is sealed under a key that still exists is
 * opened. The leaves themselves, and what proves them, are `AuditReader`'s.
 */
export class OpenedLog {
  constructor(
    private readonly reader: AuditReader,
    private readonly personal: PersonalAttributes,
  ) {}

  checkpoint(): Promise<string | undefined> {
    return this.reader.checkpoint();
  }

  async search(search: AuditSearch): Promise<AuditPage> {
    const page = await this.reader.search(search);
    return { ...page, records: await this.personal.open(page.records) };
  }

  /** The proof of an event, with what is sealed in it. @throws as `AuditReader.inclusionProof` */
  async inclusionProof(eventId: string, organizationId?: string): Promise<InclusionProof> {
    const proof = await this.reader.inclusionProof(eventId, organizationId);
    const leaf: Pick<AuditRecord, 'event' | 'actor' | 'personal'> = { event: proof.leaf, actor: '' };
    const [opened] = await this.personal.open([leaf]);
    return { ...proof, ...(opened?.personal && { personal: opened.personal }) };
  }

  async recordsAbout(...about: Parameters<AuditReader['recordsAbout']>): Promise<AuditRecord[]> {
    return this.personal.open(await this.reader.recordsAbout(...about));
  }

  async signedLeaves(begin: bigint, limit: number): Promise<{ records: AuditRecord[]; checkpoint: string }> {
    const { records, checkpoint } = await this.reader.signedLeaves(begin, limit);
    return { records: await this.personal.open(records), checkpoint };
  }
}
