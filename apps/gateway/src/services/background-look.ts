/** Something that is looked after from time to time, one look at a time. */
export interface BackgroundLook {
  /** Looks now, or joins the look that is under way. Never fails. */
  look(): Promise<void>;
  /** Looks at once, and then again a while after each look has ended. */
  start(): void;
  /** Settles when no look is under way any more. */
  stop(): Promise<void>;
}

export function createBackgroundLook(options: {
  /** May fail: the next look tries again. */
  readonly once: () => Promise<void>;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}): BackgroundLook {
  const { once, everyMs, onError } = options;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  const look = (): Promise<void> => {
    looking ??= once()
      .catch(onError)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const lookAgain = () => {
    timer = setTimeout(() => void look().then(() => timer && lookAgain()), everyMs);
    timer.unref();
  };
  return {
    look,
    start() {
      void look();
      lookAgain();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await looking;
    },
  };
}
