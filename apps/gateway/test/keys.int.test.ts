import { createHash } from 'node:crypto';
import { ApiKeyList } from '@lensgate/contracts';
import { type TestDatabase, testDatabase } from '@lensgate/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adminKey, aJob, caller, newKey } from './as-caller.js';
import { type LogLine, quickForm, startGateway, type TestGateway } from './start-gateway.js';
import { startWorkerPeer, type WorkerPeer } from './worker-peer.js';

describe(`keys on ${testDatabase.name}`, () => {
  let database: TestDatabase;
  let peer: WorkerPeer;
  let gateways: TestGateway[] = [];
  let lines: LogLine[] = [];
  beforeAll(async () => {
    [database, peer] = await Promise.all([testDatabase.open(), startWorkerPeer()]);
  });
  beforeEach(() => {
    lines = [];
  });
  afterEach(async () => {
    for (const gateway of gateways) {
      await gateway.parts.database.$executeRaw`TRUNCATE training_jobs, api_keys, owners, upload_sessions CASCADE`;
      await gateway.stop();
    }
    gateways = [];
  });
  afterAll(() => Promise.all([database.close(), peer.close()]));

  const start = async (env: Record<string, string> = {}) => {
    const all = { LENSGATE_ADMIN_KEY: adminKey, ULTRALYTICS_SERVICE_URL: peer.url, ...env };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const gateway = await startGateway(database.databaseUrl, given, (line) => lines.push(line));
    gateways.push(gateway);
    return gateway;
  };

  test('a key is answered once, and kept as a hash', async () => {
    const { api, parts } = await start();
    const created = await newKey(api, { name: 'gate', owner: '공장', scopes: ['infer', 'manage'] });
    expect(created).toMatchObject({ name: 'gate', owner: '공장', scopes: ['infer', 'manage'], last_used_at: null });
    expect(created.key).toMatch(new RegExp(`^${created.id}_\\w{32}$`));

    const { key, ...shown } = created;
    const listed = await caller(api, adminKey).ask('/keys');
    expect(ApiKeyList.parse(listed.body).keys).toEqual([shown]);
    const rows = await parts.database.apiKey.findMany();
    expect(rows.map(({ sha256 }) => sha256)).toEqual([createHash('sha256').update(key).digest('hex')]);
    expect(JSON.stringify([rows, listed.body, lines])).not.toContain(key.slice(-32));
  });

  test('keys are listed page by page, the newest first', async () => {
    const { api } = await start();
    for (const name of ['one', 'two', 'three']) await newKey(api, { name });
    const names = async (query: string) => {
      const { body } = await caller(api, adminKey).ask(`/keys?${query}`);
      const { keys, next_cursor } = ApiKeyList.parse(body);
      return { names: keys.map(({ name }) => name), next_cursor };
    };
    const first = await names('limit=2');
    expect(first.names).toEqual(['three', 'two']);
    expect(await names(`limit=2&cursor=${first.next_cursor}`)).toEqual({ names: ['one'], next_cursor: null });
    expect(await caller(api, adminKey).status('/keys?cursor=nonsense')).toBe(422);
  });

  test.each([
    { name: '' },
    { scopes: [] },
    { scopes: ['admin'] },
    { scopes: ['infer', 'infer'] },
    { quota_per_minute: 0 },
    { expires_at: 'tomorrow' },
    { expires_at: '0000-01-01T00:00:00Z' },
    { expires_at: new Date(Date.now() - 1_000).toISOString() },
    { secret: 'mine' },
  ])('what no key can be is refused: %o', async (fields) => {
    const { api } = await start();
    const { status, body } = await caller(api, adminKey).ask('/keys', { json: { name: 'x', ...fields } });
    expect([status, body.code]).toEqual([422, 'FIELD_INVALID']);
  });

  test('without a valid key in the header the answer is 401 with a challenge, whatever else is sent', async () => {
    const { api, url } = await start();
    const { key, id } = await newKey(api);
    const wrong = [
      undefined,
      '',
      key.slice(0, -1),
      `${key}x`,
      id,
      `${id}_${'a'.repeat(32)}`,
      `lg_${'a'.repeat(12)}_${'a'.repeat(32)}`,
    ];
    for (const sent of wrong) {
      const response = await caller(api, sent).send('/training/jobs');
      expect([response.status, response.headers.get('www-authenticate')], sent).toEqual([401, 'Bearer']);
      expect(await response.json()).toMatchObject({ code: 'KEY_REQUIRED', retryable: false });
    }
    const elsewhere = [
      fetch(`${api}/training/jobs?key=${key}&api_key=${key}&access_token=${key}&authorization=Bearer%20${key}`),
      fetch(`${api}/training/jobs`, { headers: { 'x-api-key': key, cookie: `key=${key}` } }),
      fetch(`${api}/training/jobs`, { headers: { authorization: `Basic ${btoa(`user:${key}`)}` } }),
      fetch(`${api}/training/jobs`, { headers: { authorization: key } }),
    ];
    expect((await Promise.all(elsewhere)).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(await caller(api, key).status('/training/jobs')).toBe(200);
    expect((await fetch(`${api}/training/jobs`, { headers: { authorization: `bearer  ${key}` } })).status).toBe(200);

    const open = ['/health', '/ready', '/metrics', '/openapi.json', '/docs/', '/docs/errors', '/'];
    const statuses = await Promise.all(open.map(async (path) => (await fetch(url + path)).status));
    expect(statuses).toEqual(open.map(() => 200));
  });

  test('a refused request is refused before its body is read, and the connection serves the next', async () => {
    const { api } = await start();
    const big = quickForm({ training_job_id: '1' }, { bytes: new Uint8Array(1_000_000) });
    const refused = await caller(api).ask('/test_inference/inference/quick', { form: big });
    expect(refused).toMatchObject({ status: 401, body: { code: 'KEY_REQUIRED' } });
    expect(peer.pictures).toEqual([]);
  });

  test('a key may do what its scopes say, and the refusal names the scope that is missing', async () => {
    const { api } = await start();
    const [infer, manage] = [await newKey(api, { scopes: ['infer'] }), await newKey(api, { scopes: ['manage'] })];
    const [reader, manager] = [caller(api, infer.key), caller(api, manage.key)];
    const scopeOf = async (asked: ReturnType<typeof reader.ask>) => {
      const { status, body } = await asked;
      return status === 403 && body.code === 'SCOPE_MISSING' ? (body.params as { scope: string }).scope : status;
    };
    expect(await scopeOf(reader.ask('/training/jobs', { json: aJob() }))).toBe('manage');
    const jobId = await manager.createJob();
    expect(await scopeOf(manager.quick({ training_job_id: String(jobId) }))).toBe('infer');
    expect(await scopeOf(manager.uploadImage())).toBe('infer');
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      expect(await scopeOf(reader.ask(`/training/jobs/${jobId}`, { method, json: aJob() })), method).toBe('manage');
    expect(await scopeOf(reader.uploadCheckpoint(jobId, 'bytes'))).toBe('manage');
    for (const each of [reader, manager]) {
      expect(await each.status(`/training/jobs/${jobId}`)).toBe(200);
      expect(await each.status('/models/list')).toBe(200);
      expect(await scopeOf(each.ask('/keys'))).toBe('admin');
      expect(await scopeOf(each.ask('/keys', { json: { name: 'more' } }))).toBe('admin');
      expect(await scopeOf(each.ask(`/keys/${infer.id}`, { method: 'DELETE' }))).toBe('admin');
    }
  });

  test('a revoked key is refused from the next request on, and at another gateway soon', async () => {
    const [here, there] = [await start(), await start({ KEY_CACHE_MS: '300' })];
    const { key, id } = await newKey(here.api);
    expect(await caller(here.api, key).status('/training/jobs')).toBe(200);
    expect(await caller(there.api, key).status('/training/jobs')).toBe(200);

    const admin = caller(here.api, adminKey);
    expect(await admin.status(`/keys/${id}`, { method: 'DELETE' })).toBe(204);
    expect(await caller(here.api, key).status('/training/jobs')).toBe(401);
    await expect.poll(() => caller(there.api, key).status('/training/jobs'), { timeout: 10_000 }).toBe(401);

    const { revoked_at } = ApiKeyList.parse((await admin.ask('/keys')).body).keys[0]!;
    expect(revoked_at).not.toBeNull();
    expect(await admin.status(`/keys/${id}`, { method: 'DELETE' })).toBe(204);
    expect(ApiKeyList.parse((await admin.ask('/keys')).body).keys[0]?.revoked_at).toBe(revoked_at);
    const unknown = await admin.ask('/keys/lg_000000000000', { method: 'DELETE' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'KEY_NOT_FOUND' } });
    expect(await admin.status('/keys/1', { method: 'DELETE' })).toBe(422);
  });

  test('a key that another gateway has made works here, also when it was asked for before', async () => {
    const [here, there] = [await start(), await start({ KEY_CACHE_MS: '300' })];
    const created = await newKey(here.api);
    expect(await caller(there.api, created.key).status('/training/jobs')).toBe(200);
  });

  test('an expired key is refused', async () => {
    const { api, parts } = await start();
    const expires_at = new Date(Date.now() + 600_000).toISOString();
    const [past, future] = [await newKey(api, { expires_at }), await newKey(api, { expires_at })];
    await parts.database.apiKey.update({ where: { prefix: past.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect(await caller(api, past.key).status('/training/jobs')).toBe(401);
    expect(await caller(api, future.key).status('/training/jobs')).toBe(200);
  });

  test('the last use is noted without making anybody wait, once a minute', async () => {
    const { api, parts } = await start();
    const { key, id } = await newKey(api);
    const lastUse = async () => (await parts.database.apiKey.findUnique({ where: { prefix: id } }))?.lastUsedAt;
    await caller(api, key).status('/training/jobs');
    await expect.poll(lastUse).toBeInstanceOf(Date);
    const first = await lastUse();
    await caller(api, key).status('/training/jobs');
    await parts.keys.close();
    expect(await lastUse()).toEqual(first);
  });

  describe('on this machine alone', () => {
    test('nobody needs a key as long as none was ever made, and everybody does from then on', async () => {
      const [open, closed] = [await start({ LENSGATE_ADMIN_KEY: '', KEY_CACHE_MS: '300' }), await start()];
      const nobody = caller(open.api);
      const jobId = await nobody.createJob();
      expect(await nobody.status(`/training/jobs/${jobId}`)).toBe(200);
      expect(await caller(closed.api).status('/training/jobs')).toBe(401);

      const { key, id } = await newKey(closed.api);
      await expect.poll(() => nobody.status('/training/jobs'), { timeout: 10_000 }).toBe(401);
      expect(await caller(open.api, key).status('/training/jobs')).toBe(200);
      // Revoking the last one must not open the door again.
      await caller(closed.api, adminKey).status(`/keys/${id}`, { method: 'DELETE' });
      await expect.poll(() => caller(open.api, key).status('/training/jobs'), { timeout: 10_000 }).toBe(401);
      expect(await nobody.status('/training/jobs')).toBe(401);
      const restarted = await start({ LENSGATE_ADMIN_KEY: '' });
      expect(await caller(restarted.api).status('/training/jobs')).toBe(401);
    });

    test('keys are managed with the admin key alone, also where nobody needs a key', async () => {
      const { api } = await start({ LENSGATE_ADMIN_KEY: '' });
      for (const key of [undefined, adminKey, ''])
        expect(await caller(api, key).ask('/keys', { json: { name: 'mine' } })).toMatchObject({ status: 401 });
      expect(await caller(api).status('/training/jobs')).toBe(200);
    });

    test('AUTH=none lets everybody in although there are keys, but for managing them', async () => {
      const { api } = await start({ AUTH: 'none' });
      await newKey(api);
      expect(await caller(api).status('/training/jobs')).toBe(200);
      expect(await caller(api).status('/keys')).toBe(401);
    });
  });

  describe('a quota', () => {
    const rateLimit = async (response: Response) => ({
      status: response.status,
      policy: response.headers.get('ratelimit-policy'),
      left: response.headers.get('ratelimit'),
    });

    test('is told on every answer, and spent it is 429 with the time to wait', async () => {
      const { api } = await start();
      const { key } = await newKey(api, { quota_per_minute: 3 });
      const policy = '"default";q=3;w=60';
      const jobs = () => caller(api, key).send('/training/jobs');
      expect(await rateLimit(await jobs())).toEqual({ status: 200, policy, left: '"default";r=2;t=20' });
      expect(await rateLimit(await caller(api, key).send('/training/jobs/4711'))).toMatchObject({
        status: 404,
        policy,
      });
      await jobs();
      const refused = await jobs();
      const waitS = Number(refused.headers.get('retry-after'));
      expect(waitS).toBeGreaterThan(0);
      expect(waitS).toBeLessThanOrEqual(20);
      expect(await rateLimit(refused)).toMatchObject({ status: 429, policy });
      expect(await refused.json()).toMatchObject({
        code: 'QUOTA',
        retryable: true,
        params: { limit: 3, remaining: 0 },
      });
      // Another key of the same owner has a quota of its own, and the admin key has none.
      const other = await newKey(api, { quota_per_minute: 3 });
      expect(await caller(api, other.key).status('/training/jobs')).toBe(200);
      expect((await caller(api, adminKey).send('/training/jobs')).headers.get('ratelimit')).toBeNull();
    });

    test('is taken by every picture of a batch, and by none of one that is refused', async () => {
      const { api } = await start();
      const { key } = await newKey(api, { quota_per_minute: 5, scopes: ['infer', 'manage'] });
      const jobId = await caller(api, adminKey).createJob();
      const batch = (count: number) => {
        const form = new FormData();
        form.append('training_job_id', String(jobId));
        for (let index = 0; index < count; index += 1) form.append('files', new Blob(['picture']), `${index}.png`);
        return caller(api, key).send('/test_inference/inference/batch', { form });
      };
      const sent = peer.pictures.length;
      expect(await rateLimit(await batch(3))).toMatchObject({ status: 200, left: expect.stringContaining('r=2;') });
      for (let again = 0; again < 3; again += 1) {
        const refused = await batch(5);
        expect(await rateLimit(refused)).toMatchObject({ status: 429, left: expect.stringContaining('r=2;') });
        expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(36);
        expect(await refused.json()).toMatchObject({ code: 'QUOTA', params: { units: 5, remaining: 2 } });
      }
      expect(await rateLimit(await batch(2))).toMatchObject({ status: 200, left: expect.stringContaining('r=0;') });
      expect(peer.pictures.length - sent).toBe(5);
    });

    test('is never enough for a batch that is larger than it', async () => {
      const { api } = await start();
      const { key } = await newKey(api, { quota_per_minute: 5, scopes: ['infer', 'manage'] });
      const form = new FormData();
      form.append('training_job_id', '1');
      for (let index = 0; index < 6; index += 1) form.append('files', new Blob(['picture']), `${index}.png`);
      const tooMany = await caller(api, key).send('/test_inference/inference/batch', { form });
      expect(await rateLimit(tooMany)).toMatchObject({ status: 422, left: '"default";r=5;t=0' });
      expect(await tooMany.json()).toMatchObject({ code: 'FIELD_INVALID', errors: [{ field: 'files' }] });
      expect(await rateLimit(await caller(api, key).send('/training/jobs'))).toMatchObject({
        left: expect.stringContaining('r=4;'),
      });
    });

    test('is told, and not taken, where a scope is missing', async () => {
      const { api } = await start();
      const { key } = await newKey(api, { quota_per_minute: 5, scopes: ['infer'] });
      const refused = await caller(api, key).send('/keys');
      expect(await rateLimit(refused)).toMatchObject({ status: 403, left: '"default";r=5;t=0' });
    });

    test('that there is not is not told', async () => {
      const { api } = await start();
      const { key } = await newKey(api);
      for (let count = 0; count < 20; count += 1) {
        const response = await caller(api, key).send('/training/jobs');
        expect([response.status, response.headers.get('ratelimit-policy')]).toEqual([200, null]);
      }
    });
  });

  test('a page of an admitted origin may send a key and read what is left of its quota', async () => {
    const origin = 'https://platform.example.org';
    const { api } = await start({ ALLOWED_ORIGINS: origin });
    const preflight = await fetch(`${api}/training/jobs`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type',
      },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const { key } = await newKey(api, { quota_per_minute: 9 });
    for (const each of [key, 'wrong']) {
      const { headers } = await caller(api, each).send('/training/jobs', { headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('access-control-expose-headers')).toMatch(/ratelimit, ratelimit-policy, www-authenticate/);
      expect(headers.get('vary')).toContain('origin');
    }
    const foreign = { origin: 'https://elsewhere.example.org' };
    expect((await caller(api, key).send('/training/jobs', { headers: foreign })).status).toBe(403);
  });

  test('a worker that refuses the gateway is not told as a wrong key of the caller', async () => {
    const guarded = await startWorkerPeer({ token: 'another token' });
    try {
      const { api } = await start({ ULTRALYTICS_SERVICE_URL: guarded.url, WORKER_TOKEN: 'not theirs' });
      const { key } = await newKey(api);
      const jobId = await caller(api, adminKey).createJob();
      const answered = await caller(api, key).quick({ training_job_id: String(jobId) });
      expect(answered).toMatchObject({ status: 502, body: { code: 'WORKER_PROTOCOL' } });
    } finally {
      await guarded.close();
    }
  });

  test('neither logs nor metrics ever hold a key, whatever comes of the request', async () => {
    const { api, url } = await start({ LOG_LEVEL: 'trace', WORKER_TOKEN: 'between-gateway-and-worker' });
    const { key, id } = await newKey(api, { scopes: ['infer', 'manage'] });
    const each = caller(api, key);
    const jobId = await each.createJob();
    await each.quick({ training_job_id: String(jobId) });
    await each.uploadImage();
    await each.ask(`/training/jobs?cursor=${key}`);
    await each.ask(`/nowhere/${key}`);
    await caller(api, `${key}x`).ask('/training/jobs');
    await caller(api, adminKey).ask('/keys');
    const text = JSON.stringify(lines) + (await (await fetch(`${url}/metrics`)).text());
    expect(lines.length).toBeGreaterThan(8);
    for (const secret of [key, key.slice(-32), adminKey, 'between-gateway-and-worker'])
      expect(text).not.toContain(secret);
    expect(text).toContain(id);
  });
});
