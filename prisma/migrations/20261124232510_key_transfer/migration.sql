-- CreateTable
CREATE TABLE "RootRecipient" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "certificate" TEXT NOT NULL,
    "sealedPrivate" BYTEA NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "usedAt" TIMESTAMP(3),

    CONSTRAINT "RootRecipient_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "RootRecipient_organizationId_createdAt_idx" ON "RootRecipient"("organizationId", "createdAt");
