import type { EraseRows } from '@castellan/access';

/** Who asked for a key to be rotated. */
export const eraseVaultRows: EraseRows = (tx, { organizationId, name, pseudonym }) =>
  tx.keyRotation.updateMany({
    where: { organizationId, requestedBy: name },
    data: { requestedBy: pseudonym },
  });
