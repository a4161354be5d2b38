import { type ErrorCode, errorCodes, errorRegistry, Problem, wordsOf } from '@lensgate/contracts';
import { call, closeConnections } from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceCases, workCases } from './error-codes/fault-cases.js';
import { keyCases } from './error-codes/key-cases.js';
import { type Case, requestCases } from './error-codes/request-cases.js';
import { type Services, startServices } from './error-codes/services.js';

/** One case for each code: leaving one out does not compile. In this order: the last ones cost services their life. */
const cases: Readonly<Record<ErrorCode, Case>> = { ...requestCases, ...keyCases, ...workCases, ...serviceCases };

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(async () => {
  await services?.close();
  await closeConnections();
});

test('every code of the registry has a case, and every case a code', () => {
  expect(Object.keys(cases).sort()).toEqual([...errorCodes].sort());
});

describe('somebody who reads Korean is answered in it, wherever his request can be read', () => {
  test.each(Object.entries(cases) as [ErrorCode, Case][])('%s', async (code, { provoke, retryAfter, isUnread }) => {
    const { status, headers, body } = await provoke(services);
    const { status: expectedStatus, retryable } = errorRegistry[code];
    const language = isUnread ? 'en' : 'ko';
    expect([body.code, status]).toEqual([code, expectedStatus]);
    expect(Problem.parse(body)).toMatchObject({
      status: expectedStatus,
      retryable,
      title: wordsOf(code, language).title,
      detail: expect.stringMatching(isUnread ? /^[ -~]+$/ : /[가-힣]/),
      request_id: headers['x-request-id'],
      type: `/docs/errors#${code.toLowerCase()}`,
    });
    expect(body.detail).not.toMatch(/\{\w+\}|undefined|\[object/);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['content-language']).toBe(language);
    expect(headers.vary).toMatch(/accept-language/);
    if (retryAfter) expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  });
});

test.each(['gateway', 'worker'] as const)('the type of a problem leads to its words at the %s', async (door) => {
  const [english, korean] = await Promise.all(
    ['en', 'ko'].map(
      async (language) =>
        (await call<string>(`${services[door].url}/docs/errors`, { headers: { 'accept-language': language } })).body,
    ),
  );
  for (const code of errorCodes) {
    for (const page of [english, korean]) expect(page).toContain(`<section id="${code.toLowerCase()}">`);
    expect(korean).toContain(wordsOf(code, 'ko').title);
  }
});
