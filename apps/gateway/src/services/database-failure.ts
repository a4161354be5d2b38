import { type Failure, fail, fieldFault } from '@lensgate/contracts';
import { Prisma } from '@lensgate/prisma';
import { StoreError } from '../store/store-error.js';

/** Prisma's codes for a database that is not there, drops us, or has no free connection. */
const unavailable = new Set(['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1010', 'P1011', 'P1017', 'P2024', 'P2037']);
/** What the driver itself says, wrapped or not. */
const unavailableWords =
  /ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|timeout exceeded when trying to connect|Connection terminated|connection timeout|DatabaseNotReachable|ConnectionClosed|SocketTimeout|the database system is (starting up|shutting down)|57P0[123]/i;

/** PostgreSQL's code for a full disk, and its words. */
const diskFullWords = /\b53100\b|No space left on device/;

/** The failure that an error of the database means to the caller; undefined for errors of other kinds. */
export function databaseFailure(error: unknown): Failure | undefined {
  if (error instanceof StoreError && error.code === 'CURSOR_INVALID')
    return fieldFault('cursor', {
      en: 'is not one that a list has answered',
      ko: '목록 응답에서 받은 값이 아닙니다',
    });
  if (isFromDatabase(error) && diskFullWords.test(wordsOf(error))) return fail('DISK_FULL', {});
  if (error instanceof StoreError && (error.code === 'JOB_READ_ONLY' || error.code === 'JOB_ID_TAKEN'))
    return fail(error.code, { job_id: error.jobId ?? 0 });
  return isUnavailable(error) ? fail('DATABASE_UNAVAILABLE', {}, { retryAfterS: 1 }) : undefined;
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError && unavailable.has(error.code)) return true;
  if (!isFromDatabase(error)) return false;
  return unavailableWords.test(wordsOf(error));
}

const isFromDatabase = (error: unknown): error is Error =>
  error instanceof Error && (/^(Prisma|DriverAdapter)/.test(error.name) || 'clientVersion' in error);

/** All messages of an error and of what it wraps. */
function wordsOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 4) return String(error);
  const { name, message, code, kind, cause, meta } = error as Record<string, unknown>;
  return [name, message, code, kind, wordsOf(cause, depth + 1), meta === undefined ? '' : JSON.stringify(meta)].join(
    ' ',
  );
}

/** Whether a connection could not be made at all: worth waiting for at the start. */
export const isNotReachable = (error: unknown): boolean => unavailableWords.test(wordsOf(error));
