import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { type ErrorCode, errorRegistry } from './errors.js';
import type { RouteExamples } from './examples/example.js';
import { addExamples, type Exampled, exampleComponents } from './openapi-examples.js';
import { describeLists, type WithLists } from './openapi-lists.js';
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
    else responses[status] = { description, content: { 'application/json': { schema: reply }, ...linesOf(route) } };
  }
  return responses;
}

/** The same answer for those who accept it line by line. */
const linesOf = ({ lines }: RouteContract) =>
  lines === undefined ? {} : { 'application/x-ndjson': { schema: z.string().meta({ description: lines }) } };

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

const file = z.string().meta({ type: 'string', format: 'binary', description: 'The bytes of the file' });

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

const filesOf = ({ filesMax }: { filesMax?: number }) =>
  filesMax === undefined ? file : z.array(file).min(1).max(filesMax).meta({ description: 'The files, one part each' });

function bodyOf(route: RouteContract) {
  const { body } = route;
  if (!body) return {};
  if (body.kind === 'json')
    return { body: { required: true, content: { 'application/json': { schema: body.schema } } } };
  if (body.kind === 'forms') return formsOf(body);
  if (body.kind === 'binary') return { body: { required: true, content: { [body.mediaType]: { schema: file } } } };
  const fields = body.fields as z.ZodObject;
  return {
    query: fields.partial(),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.object({ [body.file]: filesOf(body), ...fields.shape }),
        },
      },
    },
  };
}

/** The path as OpenAPI writes it. */
const templateOf = ({ path }: RouteContract) => path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}');

/** The parameters of a path; what stands for the rest of it has a name there. */
const paramsOf = ({ shape: { '*': rest, ...others } }: z.ZodObject) =>
  z.object({ ...others, ...(rest === undefined ? {} : { path: rest }) });

/**
 * The OpenAPI 3.1 document of a set of routes.
 * @param service its title, description and version
 * @param examples of each route, under the names of the routes
 */
export function openApiDocument<Name extends string>(
  routes: Readonly<Record<Name, RouteContract>>,
  service: { title: string; description: string; version: string },
  examples: Readonly<Record<Name, RouteExamples>>,
) {
  const registry = new OpenAPIRegistry();
  for (const route of Object.values<RouteContract>(routes)) {
    registry.registerPath({
      method: route.method.toLowerCase() as 'get',
      path: templateOf(route),
      operationId: route.id,
      summary: route.summary,
      tags: [route.tag],
      request: {
        ...(route.params && { params: paramsOf(route.params) }),
        ...(route.query && { query: route.query }),
        ...bodyOf(route),
      },
      responses: { ...repliesOf(route), ...errorsOf(route) },
    });
  }
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { ...service, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
  });
  for (const [name, route] of Object.entries<RouteContract>(routes)) {
    const operation = document.paths?.[templateOf(route)]?.[route.method.toLowerCase() as 'get'];
    describeLists(operation as WithLists);
    addExamples(operation as Exampled, route, examples[name as Name]);
  }
  return { ...document, components: { ...document.components, examples: exampleComponents } };
}
