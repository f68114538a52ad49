-- Every event is written into these once, and they found little that ids, times and the search ranges do not.
-- DropIndex
DROP INDEX "AuditEntry_resourceId_index_idx";

-- DropIndex
DROP INDEX "AuditOutbox_createdAt_idx";
