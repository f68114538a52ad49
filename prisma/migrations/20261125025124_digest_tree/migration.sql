-- AlterTable
ALTER TABLE "Upload" ADD COLUMN     "treeState" BYTEA;

-- AlterTable
ALTER TABLE "VersionFile" ADD COLUMN     "sha256Tree" TEXT;
