-- CreateTable
CREATE TABLE "Alarm" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "subjectKey" TEXT NOT NULL,
    "window" BIGINT NOT NULL,
    "evidence" JSONB NOT NULL,
    "eventId" TEXT NOT NULL,
    "raisedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledgedAt" TIMESTAMP(3),
    "acknowledgedBy" TEXT,
    "reason" TEXT,

    CONSTRAINT "Alarm_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WatchSetting" (
    "organizationId" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "WatchSetting_pkey" PRIMARY KEY ("organizationId")
);

-- CreateTable
CREATE TABLE "WatchPosition" (
    "id" INTEGER NOT NULL,
    "cursor" BIGINT NOT NULL,
    "raiseFrom" BIGINT NOT NULL,
    "stateAt" BIGINT NOT NULL,
    "state" BYTEA,
    "movedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WatchPosition_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Alarm_organizationId_id_idx" ON "Alarm"("organizationId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Alarm_organizationId_rule_subjectKey_window_key" ON "Alarm"("organizationId", "rule", "subjectKey", "window");
