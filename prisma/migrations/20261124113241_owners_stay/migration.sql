-- DropForeignKey
ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_owner_id_fkey";

-- DropForeignKey
ALTER TABLE "training_jobs" DROP CONSTRAINT "training_jobs_owner_id_fkey";

-- AddForeignKey
ALTER TABLE "training_jobs" ADD CONSTRAINT "training_jobs_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "owners"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "owners"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
