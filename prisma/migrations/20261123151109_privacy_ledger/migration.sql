-- AlterTable
ALTER TABLE "PrivacyLedgerEntry" ADD COLUMN     "failure" TEXT,
ADD COLUMN     "startedAt" TIMESTAMP(3);

-- CreateIndex
CREATE INDEX "PrivacyLedgerEntry_datasetId_questionDigest_idx" ON "PrivacyLedgerEntry"("datasetId", "questionDigest");

-- CreateIndex
CREATE INDEX "PrivacyLedgerEntry_state_createdAt_idx" ON "PrivacyLedgerEntry"("state", "createdAt");

-- The ledger's own invariants, held by the server too: whatever a program does, a budget is not overspent.
ALTER TABLE "PrivacyBudget" ADD CONSTRAINT "PrivacyBudget_not_overspent"
  CHECK ("spentPico" >= 0 AND "reservedPico" >= 0 AND "spentPico" + "reservedPico" <= "limitPico");
ALTER TABLE "PrivacyLedgerEntry" ADD CONSTRAINT "PrivacyLedgerEntry_costs" CHECK ("costPico" > 0);
ALTER TABLE "PrivacyLedgerEntry" ADD CONSTRAINT "PrivacyLedgerEntry_state_known"
  CHECK ("state" IN ('reserved', 'committed', 'refunded'));
-- Once the engine has started there is no refund.
ALTER TABLE "PrivacyLedgerEntry" ADD CONSTRAINT "PrivacyLedgerEntry_no_late_refund"
  CHECK ("state" <> 'refunded' OR "startedAt" IS NULL);
