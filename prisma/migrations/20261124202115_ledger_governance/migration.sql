-- AlterTable
ALTER TABLE "PrivacyBudget" ADD COLUMN     "partsAtto" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "partsPico" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "PrivacyLedgerEntry" ADD COLUMN     "parts" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
ADD COLUMN     "projectId" TEXT;

-- Until now everything was asked on behalf of the dataset's own project.
UPDATE "PrivacyLedgerEntry" AS entry SET "projectId" = dataset."projectId"
  FROM "Dataset" AS dataset WHERE dataset."id" = entry."datasetId";
ALTER TABLE "PrivacyLedgerEntry" ALTER COLUMN "projectId" SET NOT NULL;

-- What questions about parts take counts as well.
ALTER TABLE "PrivacyBudget" DROP CONSTRAINT "PrivacyBudget_not_overspent";
ALTER TABLE "PrivacyBudget" ADD CONSTRAINT "PrivacyBudget_not_overspent"
  CHECK ("spentPico" >= 0 AND "reservedPico" >= 0 AND "partsPico" >= 0
    AND "spentPico" + "reservedPico" + "partsPico" <= "limitPico");
ALTER TABLE "PrivacyBudget" DROP CONSTRAINT "PrivacyBudget_delta_not_overspent";
ALTER TABLE "PrivacyBudget" ADD CONSTRAINT "PrivacyBudget_delta_not_overspent"
  CHECK ("spentAtto" >= 0 AND "reservedAtto" >= 0 AND "partsAtto" >= 0
    AND "spentAtto" + "reservedAtto" + "partsAtto" <= "limitAtto");
