import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, type EmbeddedPostgres, startEmbeddedPostgres } from '@lensgate/prisma';
import { copyEmptyCluster } from '@lensgate/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

let dir: string;
const running: EmbeddedPostgres[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lensgate-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((database) => database.stop()));
  await rm(dir, { recursive: true, force: true });
});

const start = async (overrides: { socketDir?: string } = {}) => {
  const database = await startEmbeddedPostgres({ dataDir: join(dir, 'data'), socketDir: dir, ...overrides });
  running.push(database);
  return database;
};

/** For tests that are not about the first start, which takes long. */
const startWithCluster = async () => {
  await copyEmptyCluster(join(dir, 'data'));
  return start();
};

const withConnections = async <T>(database: EmbeddedPostgres, count: number, task: (c: pg.Client[]) => Promise<T>) => {
  const connections = Array.from({ length: count }, () => new pg.Client(database.databaseUrl));
  try {
    await Promise.all(connections.map((connection) => connection.connect()));
    return await task(connections);
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
};

const query = async (database: EmbeddedPostgres, sql: string) =>
  withConnections(database, 1, async ([connection]) => (await connection!.query(sql)).rows);

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the embedded database', () => {
  test('keeps its data over a clean stop, which leaves neither lock nor socket', async () => {
    const first = await start();
    expect(first.firstStart).toBe(true);
    await query(first, "CREATE TABLE words (word TEXT); INSERT INTO words VALUES ('한글')");
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    expect(await readdir(dir)).toEqual(['data']);

    const second = await start();
    expect(second.firstStart).toBe(false);
    expect(await query(second, 'SELECT word FROM words')).toEqual([{ word: '한글' }]);
  });

  test('starts again after it was killed, with everything that was committed', async () => {
    const first = await startWithCluster();
    await query(first, 'CREATE TABLE numbers (n INT); INSERT INTO numbers SELECT generate_series(1, 1000)');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

    expect(await query(await start(), 'SELECT count(*)::int AS n FROM numbers')).toEqual([{ n: 1000 }]);
  });

  test('is found again by a client that was connected before it was killed', async () => {
    const first = await startWithCluster();
    const lost = vi.fn();
    const client = createClient(first.databaseUrl, { connectionsMax: 1, onConnectionLost: lost });
    try {
      await client.$queryRaw`SELECT 1`;
      process.kill(first.pid, 'SIGKILL');
      await vi.waitFor(() => expect(lost).toHaveBeenCalled(), { timeout: 20_000, interval: 20 });
      await expect(client.$queryRaw`SELECT 1`).rejects.toThrow();
      await start();
      expect(await client.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
    } finally {
      await client.$disconnect();
    }
  });

  test('starts afresh where an earlier first start was killed half-way', async () => {
    await mkdir(join(dir, 'data.new'));
    await writeFile(join(dir, 'data.new/PG_VERSION'), '1');
    expect((await start()).firstStart).toBe(true);
    expect(existsSync(join(dir, 'data.new'))).toBe(false);
  });

  test('is refused a data folder that another one has, and the other goes on', async () => {
    const first = await startWithCluster();
    await expect(start({ socketDir: join(dir, 'other') })).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringContaining(`process ${first.pid}`),
    });
    expect(await query(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('does not take the id of a dead holder for the process that has this id now', async () => {
    await writeFile(join(dir, 'data.lock'), JSON.stringify({ pid: process.pid, born: 'before' }));
    const database = await startWithCluster();
    expect(JSON.parse(await readFile(join(dir, 'data.lock'), 'utf8'))).toMatchObject({ pid: database.pid });
  });

  test('is refused a socket on which another database listens', async () => {
    await startWithCluster();
    const second = startEmbeddedPostgres({ dataDir: join(dir, 'data2'), socketDir: dir });
    await expect(second).rejects.toMatchObject({ code: 'SOCKET_DIR_IN_USE' });
    expect(existsSync(join(dir, 'data2.lock'))).toBe(false);
  });

  test('says that the path of its socket is too long', async () => {
    const socketDir = join(dir, 'x'.repeat(100));
    await expect(start({ socketDir })).rejects.toMatchObject({ code: 'SOCKET_PATH_TOO_LONG' });
  });

  test('ends when the process that started it is killed', async () => {
    await copyEmptyCluster(join(dir, 'data'));
    const program = `
      import { startEmbeddedPostgres } from '@lensgate/prisma';
      const { pid } = await startEmbeddedPostgres({ dataDir: process.argv[1] + '/data', socketDir: process.argv[1] });
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program, dir], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000, interval: 20 });
    expect(existsSync(join(dir, 'data.lock'))).toBe(false);
  });

  test('gives every connection its own answers while others send parameters of several packets', async () => {
    await withConnections(await startWithCluster(), 20, async (connections) => {
      const answersAreOwn = connections.map(async (connection, who) => {
        const text = `${who}`.padEnd(who % 2 === 0 ? 400_000 : 10, '-');
        for (let turn = 0; turn < 5; turn += 1) {
          const sql = `SELECT $1::text AS text, $2::int AS turn, ${who} AS who`;
          const { rows } = await connection.query(sql, [text, turn]);
          if (rows[0].text !== text || rows[0].turn !== turn || rows[0].who !== who) return false;
        }
        return true;
      });
      expect(await Promise.all(answersAreOwn)).toEqual(answersAreOwn.map(() => true));
    });
  });

  test('rolls back and goes on when a connection is lost in its transaction or in the middle of a batch', async () => {
    const database = await startWithCluster();
    await query(database, 'CREATE TABLE numbers (n INT)');
    for (const lost of ['in a transaction', 'in a batch', 'in a failed batch']) {
      const connection = new pg.Client(database.databaseUrl);
      connection.on('error', () => {});
      await connection.connect();
      if (lost === 'in a transaction') {
        await connection.query('BEGIN');
        await connection.query('INSERT INTO numbers VALUES (1)');
      } else {
        const sql = lost === 'in a batch' ? 'INSERT INTO numbers VALUES (1)' : 'SELECT nothing FROM nowhere';
        const answered = once(wireOf(connection), 'data');
        wireOf(connection).write(parseMessage(sql));
        await answered;
      }
      wireOf(connection).destroy();
      expect(await query(database, 'SELECT count(*)::int AS n FROM numbers')).toEqual([{ n: 0 }]);
    }
  });
});

/** The socket under a connection, to write half a conversation to it. */
function wireOf(connection: pg.Client) {
  return (connection as unknown as { connection: { stream: import('node:net').Socket } }).connection.stream;
}

/** An unnamed Parse without parameters, and a Flush so that it is answered: no Sync follows. */
function parseMessage(sql: string): Buffer {
  const body = Buffer.from(`\0${sql}\0\0\0`);
  const head = Buffer.alloc(5, 'P');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body, Buffer.from([0x48, 0, 0, 0, 4])]);
}
