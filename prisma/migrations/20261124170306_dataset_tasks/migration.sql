-- CreateTable
CREATE TABLE "DatasetClassification" (
    "datasetId" TEXT NOT NULL,
    "columns" JSONB NOT NULL,
    "confirmedByName" TEXT NOT NULL,
    "confirmedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "DatasetClassification_pkey" PRIMARY KEY ("datasetId")
);

-- CreateTable
CREATE TABLE "DatasetTask" (
    "id" TEXT NOT NULL,
    "datasetId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "requestedByName" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "progress" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "failureDetail" TEXT,
    "summary" JSONB,
    "resultSha256" TEXT,
    "resultSizeBytes" BIGINT,
    "resultBlobKey" TEXT,
    "resultDataKeyId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "touchedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMP(3),

    CONSTRAINT "DatasetTask_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "DatasetTask_digest_key" ON "DatasetTask"("digest");

-- CreateIndex
CREATE INDEX "DatasetTask_datasetId_createdAt_idx" ON "DatasetTask"("datasetId", "createdAt");

-- CreateIndex
CREATE INDEX "DatasetTask_state_touchedAt_idx" ON "DatasetTask"("state", "touchedAt");

-- AddForeignKey
ALTER TABLE "DatasetClassification" ADD CONSTRAINT "DatasetClassification_datasetId_fkey" FOREIGN KEY ("datasetId") REFERENCES "Dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DatasetTask" ADD CONSTRAINT "DatasetTask_datasetId_fkey" FOREIGN KEY ("datasetId") REFERENCES "Dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
