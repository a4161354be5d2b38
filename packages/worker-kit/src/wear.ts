/** When a child is replaced, though it works: native code fragments its memory, and may leak. */
export interface WearLimits {
  readonly requestsMax: number;
  /** Resident bytes after a request. */
  readonly memoryBytesMax: number;
}

/** Whether a child has served so much, or holds so much, that it is to be replaced. */
export const isWorn = (
  { requests, child }: { readonly requests: number; readonly child: { readonly rssBytes: number } },
  { requestsMax, memoryBytesMax }: WearLimits,
): boolean => requests >= requestsMax || child.rssBytes > memoryBytesMax;
