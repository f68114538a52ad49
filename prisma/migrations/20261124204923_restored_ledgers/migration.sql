-- AlterTable
ALTER TABLE "PrivacyBudget" ADD COLUMN     "restoredAt" TIMESTAMP(3);
