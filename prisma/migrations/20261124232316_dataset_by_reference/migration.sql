-- AlterTable
ALTER TABLE "Dataset" ADD COLUMN     "dataVersion" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "sourceTable" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "Dataset_organizationId_sourceTable_key" ON "Dataset"("organizationId", "sourceTable");
