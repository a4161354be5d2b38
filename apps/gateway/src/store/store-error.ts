export type StoreErrorCode =
  /** The job that was written to is gone, or never was. */
  | 'JOB_NOT_FOUND'
  /** The job belongs to nobody, and the caller may not change it. */
  | 'JOB_READ_ONLY'
  /** A job that the caller cannot see has this id. */
  | 'JOB_ID_TAKEN'
  /** The job has a checkpoint with these bytes already. */
  | 'CHECKPOINT_EXISTS'
  /** Another checkpoint has this handle. */
  | 'CHECKPOINT_PATH_TAKEN'
  /** A cursor that this store did not make. */
  | 'CURSOR_INVALID'
  /** The session has as many pictures as one may have. */
  | 'SESSION_FULL';

/** The caller asked for what the rows do not allow; nothing was changed. */
export class StoreError extends Error {
  readonly jobId: number | undefined;

  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options: ErrorOptions & { readonly jobId?: number } = {},
  ) {
    super(message, options);
    this.name = 'StoreError';
    this.jobId = options.jobId;
  }
}

export const readOnlyJob = (jobId: number): StoreError =>
  new StoreError('JOB_READ_ONLY', `Job ${jobId} belongs to nobody.`, { jobId });
