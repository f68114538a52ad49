-- CreateTable
CREATE TABLE "RetentionPolicy" (
    "organizationId" TEXT NOT NULL,
    "days" JSONB NOT NULL,
    "setById" TEXT NOT NULL,
    "setBy" TEXT NOT NULL,
    "setAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RetentionPolicy_pkey" PRIMARY KEY ("organizationId")
);

-- CreateTable
CREATE TABLE "LegalHold" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "resourceId" TEXT,
    "actorId" TEXT,
    "projectId" TEXT,
    "from" TIMESTAMP(3),
    "to" TIMESTAMP(3),
    "setById" TEXT NOT NULL,
    "setBy" TEXT NOT NULL,
    "setAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "liftAskedById" TEXT,
    "liftAskedBy" TEXT,
    "liftAskedAt" TIMESTAMP(3),
    "liftReason" TEXT,
    "liftedById" TEXT,
    "liftedBy" TEXT,
    "liftedAt" TIMESTAMP(3),

    CONSTRAINT "LegalHold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ExpiryRun" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "requestedBy" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "treeSize" BIGINT NOT NULL,
    "scanned" BIGINT NOT NULL DEFAULT 0,
    "expired" BIGINT NOT NULL DEFAULT 0,
    "held" BIGINT NOT NULL DEFAULT 0,
    "announced" TEXT,
    "announcedEvent" TEXT,
    "failure" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "finishedAt" TIMESTAMP(3),

    CONSTRAINT "ExpiryRun_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "LegalHold_organizationId_liftedAt_idx" ON "LegalHold"("organizationId", "liftedAt");

-- CreateIndex
CREATE INDEX "ExpiryRun_organizationId_createdAt_idx" ON "ExpiryRun"("organizationId", "createdAt");

-- CreateIndex
CREATE INDEX "ExpiryRun_state_updatedAt_idx" ON "ExpiryRun"("state", "updatedAt");
