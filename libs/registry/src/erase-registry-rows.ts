import type { EraseRows } from '@castellan/access';

/** Who published a version, as rows say it. Manifests, and documents that were signed, keep what they say. */
export const eraseRegistryRows: EraseRows = (tx, { id, pseudonym }) =>
  tx.version.updateMany({ where: { authorId: id }, data: { authorName: pseudonym } });
