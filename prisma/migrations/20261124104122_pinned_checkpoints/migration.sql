-- AlterTable
ALTER TABLE "checkpoints" ADD COLUMN     "pinned" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "checkpoints_pinned_idx" ON "checkpoints"("pinned");
