-- DropIndex
DROP INDEX "AuditEntry_action_index_idx";

-- DropIndex
DROP INDEX "AuditEntry_actorId_index_idx";

-- DropIndex
DROP INDEX "AuditEntry_organizationId_index_idx";

-- CreateTable
CREATE TABLE "AuditSearchRange" (
    "begin" BIGINT NOT NULL,
    "end" BIGINT NOT NULL,
    "firstAt" TIMESTAMP(3) NOT NULL,
    "lastAt" TIMESTAMP(3) NOT NULL,
    "terms" tsvector NOT NULL,

    CONSTRAINT "AuditSearchRange_pkey" PRIMARY KEY ("begin")
);

-- CreateIndex
CREATE INDEX "AuditSearchRange_terms_idx" ON "AuditSearchRange" USING GIN ("terms");

-- Statistics of terms would cost a reading of every list and tell nothing: the search says itself how it wants to be planned.
ALTER TABLE "AuditSearchRange" ALTER COLUMN "terms" SET STATISTICS 0;
