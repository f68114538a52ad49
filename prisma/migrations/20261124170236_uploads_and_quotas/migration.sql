-- AlterTable
ALTER TABLE "Version" ADD COLUMN     "activeAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- CreateTable
CREATE TABLE "Upload" (
    "id" TEXT NOT NULL,
    "versionId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "lengthBytes" BIGINT NOT NULL,
    "offsetBytes" BIGINT NOT NULL DEFAULT 0,
    "digestState" BYTEA NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "touchedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMP(3),

    CONSTRAINT "Upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FileSegment" (
    "id" TEXT NOT NULL,
    "uploadId" TEXT,
    "fileId" TEXT,
    "startBytes" BIGINT NOT NULL,
    "blobKey" TEXT NOT NULL,
    "dataKeyId" TEXT NOT NULL,

    CONSTRAINT "FileSegment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LooseBlob" (
    "blobKey" TEXT NOT NULL,
    "versionId" TEXT NOT NULL,
    "since" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "markedAt" TIMESTAMP(3),
    "sweptAt" TIMESTAMP(3),

    CONSTRAINT "LooseBlob_pkey" PRIMARY KEY ("blobKey")
);

-- CreateTable
CREATE TABLE "ProjectQuota" (
    "projectId" TEXT NOT NULL,
    "limitBytes" BIGINT NOT NULL,
    "setById" TEXT NOT NULL,
    "setAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ProjectQuota_pkey" PRIMARY KEY ("projectId")
);

-- CreateIndex
CREATE UNIQUE INDEX "Upload_versionId_path_key" ON "Upload"("versionId", "path");

-- CreateIndex
CREATE UNIQUE INDEX "FileSegment_blobKey_key" ON "FileSegment"("blobKey");

-- CreateIndex
CREATE UNIQUE INDEX "FileSegment_uploadId_startBytes_key" ON "FileSegment"("uploadId", "startBytes");

-- CreateIndex
CREATE UNIQUE INDEX "FileSegment_fileId_startBytes_key" ON "FileSegment"("fileId", "startBytes");

-- CreateIndex
CREATE INDEX "LooseBlob_versionId_idx" ON "LooseBlob"("versionId");

-- AddForeignKey
ALTER TABLE "Upload" ADD CONSTRAINT "Upload_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FileSegment" ADD CONSTRAINT "FileSegment_uploadId_fkey" FOREIGN KEY ("uploadId") REFERENCES "Upload"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FileSegment" ADD CONSTRAINT "FileSegment_fileId_fkey" FOREIGN KEY ("fileId") REFERENCES "VersionFile"("id") ON DELETE SET NULL ON UPDATE CASCADE;
