-- AlterTable
ALTER TABLE "PrivacyRun" ADD COLUMN     "refusal" TEXT;
