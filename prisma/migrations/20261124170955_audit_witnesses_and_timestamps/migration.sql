-- CreateTable
CREATE TABLE "AuditWitnessedCheckpoint" (
    "size" BIGINT NOT NULL,
    "note" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AuditWitnessedCheckpoint_pkey" PRIMARY KEY ("size")
);

-- CreateTable
CREATE TABLE "AuditTimestamp" (
    "size" BIGINT NOT NULL,
    "note" TEXT NOT NULL,
    "token" BYTEA NOT NULL,
    "stampedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "AuditTimestamp_pkey" PRIMARY KEY ("size")
);
