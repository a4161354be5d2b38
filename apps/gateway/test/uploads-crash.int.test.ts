import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@lensgate/prisma';
import { call, formOf, type StartedGateway, startGateway, waitFor } from '@lensgate/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from './start-gateway.js';

const uploads = 300;
const sideBySide = 8;

async function uploadImage({ url }: StartedGateway, session: string): Promise<void> {
  const { body, contentType } = formOf([
    { name: 'session_id', value: session },
    { name: 'file', value: Buffer.alloc(3_000, 1), filename: 'a.png', type: 'image/png' },
  ]);
  const { status } = await call(`${url}/api/v1/test_inference/inference/upload-image`, {
    method: 'POST',
    body,
    headers: { 'content-type': contentType },
  });
  expect(status).toBe(200);
}

test('uploads of a gateway that was killed in the middle are gone after its next start and their time', async () => {
  const database = await openDatabase();
  onTestFinished(() => database.close());
  const rows = createClient(database.databaseUrl, { connectionsMax: 1 });
  onTestFinished(() => rows.$disconnect());
  const env = { UPLOAD_TTL_MS: '10000', UPLOAD_TIMEOUT_MS: '2000', LOG_LEVEL: 'info' };
  const first = await startGateway({ databaseUrl: database.databaseUrl, env });
  onTestFinished(() => first.close());

  let answered = 0;
  const sendSome = async (lane: number) => {
    for (let sent = lane; sent < uploads; sent += sideBySide) {
      await uploadImage(first, `s${sent % 20}`);
      answered += 1;
    }
  };
  const lanes = Array.from({ length: sideBySide }, (_, lane) => sendSome(lane).catch(() => undefined));
  await waitFor(() => answered >= uploads / 2, { what: 'half of the uploads', waitMsMax: 90_000 });
  await first.kill9();
  await Promise.all(lanes);
  const folder = join(first.folder, 'data/uploads');
  expect((await readdir(folder)).length).toBeGreaterThan(0);
  expect(await rows.upload.count()).toBeGreaterThan(0);

  const second = await first.again();
  onTestFinished(async () => void (await second.kill9()));
  let rest = uploads - answered;
  while (rest > 0) {
    await uploadImage(second, `t${rest % 20}`);
    rest -= 1;
  }
  await waitFor(async () => (await readdir(folder)).length === 0, { what: 'an empty folder' });
  await waitFor(async () => (await rows.upload.count()) + (await rows.uploadSession.count()) === 0, {
    what: 'empty tables',
  });
});
