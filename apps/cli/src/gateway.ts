import { Problem } from '@lensgate/contracts';
import type { z } from 'zod';
import { Fault } from './fault.js';

/** A gateway's API, asked with the admin key. */
export interface Gateway {
  /**
   * @param answer what a success must look like; undefined for an empty one
   * @throws Fault with the gateway's own words
   */
  ask<T extends z.ZodType | undefined>(request: {
    method: 'GET' | 'POST' | 'DELETE';
    /** Below `/api/v1`. */
    path: string;
    body?: unknown;
    answer: T;
  }): Promise<T extends z.ZodType ? z.output<T> : undefined>;
}

export interface GatewayOptions {
  readonly url: string;
  readonly adminKey: string | undefined;
}

const patienceMs = 30_000;

export function openGateway({ url, adminKey }: GatewayOptions): Gateway {
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts?.username || parts?.password)
    throw new Fault('The URL must hold no name and no password: the admin key is all that a gateway reads.', 'usage');
  if (!/^https?:$/.test(parts?.protocol ?? '')) throw new Fault(`"${url}" is not an http or https URL.`, 'usage');
  if (adminKey !== undefined && !/^[\x21-\x7e]+$/.test(adminKey))
    throw new Fault('LENSGATE_ADMIN_KEY must be printable ASCII without spaces: no header carries the rest.', 'usage');
  const base = `${url.replace(/\/+$/, '')}/api/v1`;
  return {
    async ask({ method, path, body, answer }) {
      const { status, text } = await send(`${base}${path}`, {
        method,
        headers: {
          ...(adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (status >= 400) throw faultOf(status, text, adminKey);
      if (answer === undefined) return undefined as never;
      const read = answer.safeParse(parsed(text));
      if (!read.success) throw new Fault(`${url} gave an answer that cannot be read: is it a Lensgate gateway?`);
      return read.data as never;
    },
  };
}

async function send(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    // A redirect would carry the admin key to wherever it points.
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(patienceMs) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = (cause instanceof Error && cause.message) || message;
    throw new Fault(`${new URL(url).origin} cannot be reached: ${reason}`);
  }
}

function faultOf(status: number, text: string, adminKey: string | undefined): Fault {
  const problem = Problem.safeParse(parsed(text)).data;
  if (status === 401 && adminKey === undefined)
    return new Fault('Keys are managed with the admin key: set LENSGATE_ADMIN_KEY to the one that the gateway has.');
  if (status === 401)
    return new Fault('The gateway does not know this LENSGATE_ADMIN_KEY: it has another one, or none.');
  if (!problem) return new Fault(`The answer was not one of a gateway (HTTP ${status}).`);
  return new Fault(`${problem.detail} (${problem.code}, request ${problem.request_id})`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
