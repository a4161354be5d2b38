import { failureOf } from '@lensgate/http-kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { databaseFailure } from '../services/database-failure.js';
import { accessOf } from './api-key.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What was changed, where the request's path does not say it; never a secret. */
    audited: Readonly<Record<string, string | number>> | null;
    isAuditWritten: boolean;
  }
}

interface Outcome {
  readonly status: number;
  readonly code?: string | null;
}

/**
 * One line in the log for every request that changes something or would have: who, what, which, and how it ended. It is
 * written by what the handler has done, not by what the caller got: one that leaves before the answer has changed
 * something all the same. The level of the log does not hide these lines, but for `silent`.
 */
export function auditChanges(app: FastifyInstance, logger: Logger): void {
  const audit = logger.level === 'silent' ? logger : logger.child({ audit: true }, { level: 'info' });
  const write = (request: FastifyRequest, { status, code }: Outcome): void => {
    const event = accessOf(request.routeOptions)?.audit;
    if (event === undefined || request.isAuditWritten) return;
    request.isAuditWritten = true;
    const line = {
      event,
      ...actorOf(request),
      target: targetOf(request),
      outcome: outcomeOf(status),
      status,
      ...(code && { code }),
      request_id: request.id,
    };
    audit.info(line, 'audit');
  };

  app.decorateRequest('audited', null);
  app.decorateRequest('isAuditWritten', false);
  app.addHook('onRoute', (route) => {
    if (accessOf({ config: route.config ?? {} })?.audit === undefined) return;
    const { handler } = route;
    route.handler = async function audited(request, reply) {
      try {
        const answer: unknown = await handler.call(this, request, reply);
        write(request, { status: reply.statusCode });
        return answer;
      } catch (error) {
        write(request, failureOf(databaseFailure(error) ?? error, request));
        throw error;
      }
    };
  });
  // Refused before the handler.
  app.addHook('onSend', async (request, { statusCode }) =>
    write(request, { status: statusCode, code: request.problemCode }),
  );
}

function actorOf({ principal }: FastifyRequest) {
  // Whoever was refused before it was known who calls.
  if (principal === null) return { actor: 'unknown' };
  if (principal.kind !== 'key') return { actor: principal.kind };
  return { actor: principal.keyId, owner_id: principal.ownerId };
}

const outcomeOf = (status: number): 'done' | 'refused' | 'failed' => {
  if (status < 400) return 'done';
  return status < 500 ? 'refused' : 'failed';
};

/** What the path names, under the names that its ids have in answers, and what the handler has noted. */
function targetOf({ params, routeOptions, audited }: FastifyRequest): Record<string, string | number> {
  const named = Object.entries((params ?? {}) as Readonly<Record<string, string>>).map(([name, value]) => {
    if (name !== 'id') return [name, value];
    if (routeOptions.url?.includes('/keys/')) return ['key_id', value];
    return ['job_id', /^\d{1,10}$/.test(value) ? Number(value) : value];
  });
  return { ...Object.fromEntries(named), ...audited };
}
