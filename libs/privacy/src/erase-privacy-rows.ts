import type { EraseRows } from '@castellan/access';

/** Who asked for work on tables, and who confirmed a classification. Requests that others signed keep what they say. */
export const erasePrivacyRows: EraseRows = async (tx, { id, organizationId, name, pseudonym }) => {
  await tx.datasetTask.updateMany({ where: { requestedById: id }, data: { requestedByName: pseudonym } });
  await tx.datasetClassification.updateMany({
    where: { confirmedByName: name, dataset: { is: { organizationId } } },
    data: { confirmedByName: pseudonym },
  });
};
