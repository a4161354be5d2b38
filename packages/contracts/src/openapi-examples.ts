import { type ErrorCode, errorCodes } from './errors.js';
import type { ReplyExample, RequestExample, RouteExamples } from './examples/example.js';
import { problemExamples } from './examples/problems.js';
import { commonErrors, type RouteContract } from './routes.js';

interface Example {
  readonly summary: string;
  readonly value: unknown;
}
type Examples = Record<string, Example | { readonly $ref: string }>;
type Content = Record<string, { examples?: Examples }>;

/** What of an OpenAPI operation examples are put into. */
export interface Exampled {
  readonly parameters?: readonly { readonly name: string; readonly in: string; examples?: Examples }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** A problem document of every code, for the components of a document. */
export const exampleComponents = Object.fromEntries(
  Object.entries(problemExamples).map(([code, value]) => [code, { summary: value.title, value }]),
);

const named = <T>(examples: Readonly<Record<string, T>>, value: (example: T) => Example | undefined): Examples =>
  Object.fromEntries(
    Object.entries(examples).flatMap(([name, example]) => {
      const shown = value(example);
      return shown ? [[name, shown]] : [];
    }),
  );

/** Puts the examples of a route, and a problem document for each of its codes, into its operation. */
export function addExamples(operation: Exampled, route: RouteContract, { requests, replies }: RouteExamples): void {
  for (const parameter of operation.parameters ?? []) {
    const place = parameter.in === 'path' ? 'params' : 'query';
    const examples = named<RequestExample>(requests, ({ summary, [place]: values }) => {
      const value = values?.[parameter.name];
      return value === undefined ? undefined : { summary, value };
    });
    if (Object.keys(examples).length > 0) parameter.examples = examples;
  }
  for (const [mediaType, content] of Object.entries(operation.requestBody?.content ?? {})) {
    const examples = named<RequestExample>(requests, ({ summary, body }) =>
      body?.mediaType === mediaType ? { summary, value: body.value } : undefined,
    );
    if (Object.keys(examples).length > 0) content.examples = examples;
  }
  for (const [status, { content = {} }] of Object.entries(operation.responses)) {
    for (const [mediaType, shown] of Object.entries(content)) {
      shown.examples =
        mediaType === 'application/problem+json'
          ? problemsOf(route, Number(status))
          : named<ReplyExample>(replies, ({ summary, status: own, mediaType: type = 'application/json', value }) =>
              own === Number(status) && type === mediaType ? { summary, value } : undefined,
            );
    }
  }
}

function problemsOf(route: RouteContract, status: number): Examples {
  const answered = new Set<ErrorCode>([...route.errors, ...commonErrors]);
  const codes = errorCodes.filter((code) => answered.has(code) && problemExamples[code].status === status);
  return Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
}
