-- CreateTable
CREATE TABLE "Destruction" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "targetId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "certificate" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "filesRemovedAt" TIMESTAMP(3),

    CONSTRAINT "Destruction_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Destruction_targetId_key" ON "Destruction"("targetId");

-- CreateIndex
CREATE INDEX "Destruction_organizationId_createdAt_idx" ON "Destruction"("organizationId", "createdAt");
