export { type ClientOptions, createClient } from './client.js';
export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './embedded/embedded-error.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type ProcessEnd,
  startEmbeddedPostgres,
} from './embedded/start-embedded.js';
export {
  type ApiKey,
  type Checkpoint,
  CheckpointStatus,
  JobStatus,
  type Owner,
  Prisma,
  PrismaClient,
  type SeededJob,
  type TrainingJob,
  type Upload,
  type UploadSession,
} from './generated/client.js';
export {
  type MigrateOptions,
  MigrationError,
  type MigrationErrorCode,
  type MigrationLogger,
  migrate,
  migrationStatus,
} from './migrate.js';
export { type MigrationFile, migrationsDir, readMigrationFiles } from './migration-files.js';
export { compareHistory, type MigrationRow, type MigrationStatus } from './migration-history.js';
export { type DemoCheckpoint, type DemoJob, demoJobIds, seedDemo } from './seed.js';
