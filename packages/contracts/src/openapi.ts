import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { type ErrorCode, errorRegistry } from './errors.js';
import { Problem } from './problem.js';
import { commonErrors, type FormsBody, type RouteContract } from './routes.js';

type Responses = Record<string, { description: string; content?: Record<string, { schema: z.ZodType }> }>;

const described: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted',
  204: 'Done',
  503: 'Not ready',
};

function repliesOf(route: RouteContract): Responses {
  const responses: Responses = {};
  for (const [status, reply] of Object.entries(route.replies)) {
    const description = described[Number(status)] ?? 'Answer';
    if (reply === 'empty') responses[status] = { description };
    else if (reply === 'text') responses[status] = { description, content: { 'text/plain': { schema: z.string() } } };
    else if (reply === 'html') responses[status] = { description, content: { 'text/html': { schema: z.string() } } };
    else responses[status] = { description, content: { 'application/json': { schema: reply } } };
  }
  return responses;
}

function errorsOf(route: RouteContract): Responses {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set<ErrorCode>([...route.errors, ...commonErrors])) {
    const { status } = errorRegistry[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses: Responses = {};
  for (const [status, codes] of [...byStatus].sort(([a], [b]) => a - b)) {
    if (status in route.replies) continue;
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${errorRegistry[code].title}`).join('. '),
      content: { 'application/problem+json': { schema: Problem } },
    };
  }
  return responses;
}

const file = z.string().meta({ type: 'string', format: 'binary', description: 'The file' });

/** Every form of a request: its media types, and the fields as query parameters, for those that have no other place. */
function formsOf({ file: name, fields, instead, raw }: FormsBody) {
  return {
    query: fields.partial(),
    body: {
      required: instead === undefined,
      content: {
        'multipart/form-data': {
          schema: z.object({ [name]: instead === undefined ? file : file.optional(), ...fields.shape }),
        },
        ...(instead === undefined ? {} : { 'application/json': { schema: fields } }),
        ...Object.fromEntries(raw.map((mediaType) => [mediaType, { schema: file }])),
      },
    },
  };
}

function bodyOf(route: RouteContract) {
  const { body } = route;
  if (!body) return {};
  if (body.kind === 'json')
    return { body: { required: true, content: { 'application/json': { schema: body.schema } } } };
  if (body.kind === 'forms') return formsOf(body);
  if (body.kind === 'binary') return { body: { required: true, content: { [body.mediaType]: { schema: file } } } };
  const fields = body.fields as z.ZodObject;
  return {
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.object({ [body.file]: body.filesMax ? z.array(file).max(body.filesMax) : file, ...fields.shape }),
        },
      },
    },
  };
}

/**
 * The OpenAPI 3.1 document of a set of routes.
 * @param service its title, description, version and the URL it is reached at, relative by default
 */
export function openApiDocument(
  routes: Readonly<Record<string, RouteContract>>,
  service: { title: string; description: string; version: string },
) {
  const registry = new OpenAPIRegistry();
  for (const route of Object.values(routes)) {
    registry.registerPath({
      method: route.method.toLowerCase() as 'get',
      path: route.path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}'),
      operationId: route.id,
      summary: route.summary,
      tags: [route.tag],
      request: {
        ...(route.params && { params: route.path.endsWith('*') ? z.object({ path: z.string() }) : route.params }),
        ...(route.query && { query: route.query }),
        ...bodyOf(route),
      },
      responses: { ...repliesOf(route), ...errorsOf(route) },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { ...service, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
  });
}
