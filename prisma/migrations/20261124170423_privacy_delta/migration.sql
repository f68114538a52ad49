-- AlterTable
ALTER TABLE "PrivacyBudget" ADD COLUMN     "limitAtto" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "reservedAtto" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "spentAtto" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "PrivacyLedgerEntry" ADD COLUMN     "costAtto" BIGINT NOT NULL DEFAULT 0;


-- Delta is held to its limit like epsilon.
ALTER TABLE "PrivacyBudget" ADD CONSTRAINT "PrivacyBudget_delta_not_overspent"
  CHECK ("spentAtto" >= 0 AND "reservedAtto" >= 0 AND "spentAtto" + "reservedAtto" <= "limitAtto");
ALTER TABLE "PrivacyLedgerEntry" ADD CONSTRAINT "PrivacyLedgerEntry_delta_costs" CHECK ("costAtto" >= 0);
