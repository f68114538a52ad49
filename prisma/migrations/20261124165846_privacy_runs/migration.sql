-- CreateTable
CREATE TABLE "PrivacyRun" (
    "entryId" TEXT NOT NULL,
    "datasetId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeatAt" TIMESTAMP(3),
    "cancelledAt" TIMESTAMP(3),
    "progress" JSONB,

    CONSTRAINT "PrivacyRun_pkey" PRIMARY KEY ("entryId")
);

-- CreateIndex
CREATE INDEX "PrivacyRun_datasetId_kind_createdAt_idx" ON "PrivacyRun"("datasetId", "kind", "createdAt");

-- AddForeignKey
ALTER TABLE "PrivacyRun" ADD CONSTRAINT "PrivacyRun_entryId_fkey" FOREIGN KEY ("entryId") REFERENCES "PrivacyLedgerEntry"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
