-- CreateTable
CREATE TABLE "AuditExport" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "requestedBy" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "treeSize" BIGINT NOT NULL,
    "checkpoint" TEXT NOT NULL,
    "scanned" BIGINT NOT NULL DEFAULT 0,
    "rows" BIGINT NOT NULL DEFAULT 0,
    "sizeBytes" BIGINT NOT NULL DEFAULT 0,
    "sha256" TEXT,
    "manifest" TEXT,
    "sums" TEXT,
    "signature" TEXT,
    "failure" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "finishedAt" TIMESTAMP(3),

    CONSTRAINT "AuditExport_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ForwardingTarget" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "caPem" TEXT,
    "state" TEXT NOT NULL DEFAULT 'running',
    "cursor" BIGINT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "nextAttemptAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ForwardingTarget_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ForwardingDelivery" (
    "id" TEXT NOT NULL,
    "targetId" TEXT NOT NULL,
    "begin" BIGINT NOT NULL,
    "end" BIGINT NOT NULL,
    "events" INTEGER NOT NULL,
    "ok" BOOLEAN NOT NULL,
    "detail" TEXT NOT NULL,
    "durationMs" INTEGER NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ForwardingDelivery_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AuditExport_organizationId_createdAt_idx" ON "AuditExport"("organizationId", "createdAt");

-- CreateIndex
CREATE INDEX "AuditExport_state_updatedAt_idx" ON "AuditExport"("state", "updatedAt");

-- CreateIndex
CREATE INDEX "ForwardingTarget_organizationId_idx" ON "ForwardingTarget"("organizationId");

-- CreateIndex
CREATE INDEX "ForwardingDelivery_targetId_id_idx" ON "ForwardingDelivery"("targetId", "id");

-- AddForeignKey
ALTER TABLE "ForwardingDelivery" ADD CONSTRAINT "ForwardingDelivery_targetId_fkey" FOREIGN KEY ("targetId") REFERENCES "ForwardingTarget"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A list of pending terms would be read by every search.
ALTER INDEX "AuditSearchRange_terms_idx" SET (fastupdate = off);

-- The newest ranges in which a search may find something: leaves that are not indexed yet, in ranges of 256, then those that
-- their terms name. A function, because the planner does not know how dear it is to read a list of terms that is stored out of line,
-- and because a search should ask once.
CREATE FUNCTION audit_search_ranges(query TSQUERY, since TIMESTAMP, until TIMESTAMP, before BIGINT, most INTEGER)
RETURNS TABLE ("begin" BIGINT, "end" BIGINT)
LANGUAGE sql STABLE SET enable_seqscan = off
AS $$
  WITH extent AS (
    SELECT coalesce((SELECT "end" FROM "AuditSearchRange" ORDER BY "begin" DESC LIMIT 1), 0) AS indexed,
           least(coalesce(before, 9223372036854775807), (SELECT coalesce(max(index), -1) + 1 FROM "AuditEntry")) AS last
  ), named AS MATERIALIZED (
    -- Nothing else is asked here, so that there is no way to answer but by the index.
    SELECT "begin", "end", "firstAt", "lastAt" FROM "AuditSearchRange" WHERE terms @@ query
  ), found AS (
    SELECT * FROM named
    UNION ALL
    SELECT "begin", "end", "firstAt", "lastAt" FROM "AuditSearchRange" WHERE query IS NULL
  )
  (SELECT greatest(indexed, upper - 256), upper FROM extent, generate_series(last, indexed + 1, -256) AS upper LIMIT most)
  UNION ALL
  (SELECT f."begin", f."end" FROM found f, extent
   WHERE f."begin" < last AND (since IS NULL OR "lastAt" >= since) AND (until IS NULL OR "firstAt" < until)
   ORDER BY f."begin" DESC LIMIT most)
  ORDER BY 1 DESC LIMIT most
$$;
