import type { PGlite } from '@electric-sql/pglite';

/** The part of PGlite that the socket server uses. */
type Engine = Pick<PGlite, 'waitReady' | 'runExclusive' | 'execProtocolRawStream' | 'isInTransaction' | 'exec'>;

const SYNC = 'S'.charCodeAt(0);
const syncMessage = Uint8Array.of(SYNC, 0, 0, 0, 4);
/** Parse, Bind, Describe, Execute, Close, Flush: messages of a batch that only a Sync ends (PostgreSQL, chapter 55.2.3). */
const batchMessages = new Set([...'PBDECH'].map((letter) => letter.charCodeAt(0)));

/**
 * Makes the socket server leave the engine to one connection until its batch of messages is complete.
 *
 * All connections share PGlite's single session, and the server changes between them after any message unless the
 * session is in a transaction. A batch that arrives in several packets (a parameter of more than 64 KiB) would so have its
 * unnamed statement replaced by a neighbour's between Parse and Bind. An open batch therefore counts as a transaction.
 *
 * @param onCrash the engine threw, which no SQL error does: it cannot be used any more
 */
export function takingTurns(engine: Engine, { onCrash }: { onCrash: (error: unknown) => void }): Engine {
  let batch: 'open' | 'closed' = 'closed';
  const send: Engine['execProtocolRawStream'] = async (message, options) => {
    try {
      await engine.execProtocolRawStream(message, options);
    } catch (error) {
      onCrash(error);
      throw error;
    }
    const kind = message[0] ?? 0;
    if (kind === SYNC) batch = 'closed';
    else if (batchMessages.has(kind)) batch = 'open';
  };
  return {
    waitReady: engine.waitReady,
    runExclusive: (task) => engine.runExclusive(task),
    execProtocolRawStream: send,
    isInTransaction: () => batch === 'open' || engine.isInTransaction(),
    // The server calls this with ROLLBACK when a connection is lost in its turn. An engine that waits for a Sync after an
    // error would ignore it.
    exec: async (sql, options) => {
      if (batch === 'open') await engine.runExclusive(() => send(syncMessage, { onRawData: () => {} }));
      return engine.isInTransaction() ? engine.exec(sql, options) : [];
    },
  };
}
