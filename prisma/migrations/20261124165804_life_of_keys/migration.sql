-- AlterTable
ALTER TABLE "KeyEncryptionKey" ADD COLUMN     "retiredAt" TIMESTAMP(3);

-- CreateTable
CREATE TABLE "KeyRotation" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "projectId" TEXT NOT NULL,
    "fromVersion" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "totalKeys" INTEGER,
    "remainingKeys" INTEGER,
    "unopenedKeys" INTEGER NOT NULL DEFAULT 0,
    "requestedBy" TEXT NOT NULL,
    "failure" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "finishedAt" TIMESTAMP(3),

    CONSTRAINT "KeyRotation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "KeyRotation_projectId_createdAt_idx" ON "KeyRotation"("projectId", "createdAt");

-- CreateIndex
CREATE INDEX "KeyRotation_state_idx" ON "KeyRotation"("state");

-- CreateIndex
CREATE INDEX "DataKey_kekId_id_idx" ON "DataKey"("kekId", "id");
