import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';

export type RequestBody =
  | { readonly kind: 'json'; readonly schema: z.ZodType }
  /** One file, or up to `filesMax`, and text fields, in any order; fields may stand in the query, too. */
  | { readonly kind: 'multipart'; readonly file: string; readonly filesMax?: number; readonly fields: z.ZodType }
  | { readonly kind: 'binary'; readonly mediaType: string }
  | FormsBody;

/**
 * One file and fields, in whichever form the caller likes: multipart, or the file as the body and the fields in the query.
 * Where a field may stand for the file, the fields come as JSON or in the query alone, too. Every form is read by the one
 * schema; a field in the body counts before the same in the query.
 */
export interface FormsBody {
  readonly kind: 'forms';
  readonly file: string;
  readonly fields: z.ZodObject;
  /** The field that names a file which was sent before. */
  readonly instead?: string;
  /** Media types of a file that is the body; `type/*` for all of a type. */
  readonly raw: readonly string[];
}

/** One operation of the wire. Handlers, clients and the OpenAPI document read it; nothing is said twice. */
export interface RouteContract {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Full path, parameters in Fastify's form (`:id`). */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: RequestBody;
  readonly replies: Readonly<Record<number, z.ZodType | 'text' | 'html' | 'empty'>>;
  readonly errors: readonly ErrorCode[];
  /** Says what each line is, where `application/x-ndjson` is answered to those who accept it. */
  readonly lines?: string;
}

/** Keeps the literal types of a route. */
export const defineRoute = <const T extends RouteContract>(route: T): T => route;
