import type { ErrorCode, Failure } from '@lensgate/contracts';

const awayCodes: readonly ErrorCode[] = ['WORKER_UNREACHABLE', 'STARTING', 'DRAINING'];

/** Whether no worker was there to do it. */
export const isAway = ({ code }: Failure): boolean => awayCodes.includes(code);
