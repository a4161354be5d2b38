import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  commonErrors,
  errorRegistry,
  gatewayDocument,
  guardedGatewayRoutes,
  type RouteContract,
  workerDocument,
  workerRoutes,
} from '@lensgate/contracts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

interface Example {
  readonly $ref?: string;
  readonly summary?: string;
  readonly value?: unknown;
}
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}
interface MediaType {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, Example>>;
}
interface Parameter extends Partial<MediaType> {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly content?: Readonly<Record<string, MediaType>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaType>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly examples: Readonly<Record<string, Example>>;
  };
}

/** As it travels, as JSON. */
const asSent = (document: object) => JSON.parse(JSON.stringify(document)) as Document;
const gateway = asSent(gatewayDocument());
const worker = asSent(workerDocument());
const operationsOf = ({ paths }: Document) => Object.values(paths).flatMap((path) => Object.values(path));

const documents = [
  { name: 'the gateway', document: gateway, routes: Object.values<RouteContract>(guardedGatewayRoutes) },
  { name: 'a worker', document: worker, routes: Object.values<RouteContract>(workerRoutes) },
];

describe.each(documents)('the OpenAPI document of $name', ({ document, routes }) => {
  const { components } = document;
  const operations = operationsOf(document);
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, binary: true } });
  ajv.addSchema({ $id: 'document', components });

  const validators = new Map<string, ValidateFunction>();
  /** Says what of a value is not as its schema wants it. */
  const faultsOf = (value: unknown, schema: Schema): string[] => {
    const absolute = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    const validate = validators.get(absolute) ?? ajv.compile(JSON.parse(absolute) as object);
    validators.set(absolute, validate);
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
  const resolved = ({ $ref, ...schema }: Schema): Schema =>
    $ref === undefined ? schema : (components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});

  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...asSent(document) })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('has every route once', () => {
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(routes.map(({ id }) => id).sort());
  });

  test('shows an example of every form of a request, of every parameter of a path and of every answer', () => {
    const without = operations.flatMap(({ operationId, parameters = [], requestBody, responses }) => [
      ...parameters
        .filter(({ in: place, examples }) => place === 'path' && !examples)
        .map(({ name }) => `${operationId}: ${name}`),
      ...Object.entries(requestBody?.content ?? {})
        // A picture of an unknown type is sent as one of a known type is.
        .filter(
          ([mediaType, { examples }]) =>
            !examples && !(mediaType.endsWith('stream') && requestBody?.content['image/*']),
        )
        .map(([mediaType]) => `${operationId}: ${mediaType}`),
      ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.entries(content)
          .filter(([, { examples = {} }]) => Object.keys(examples).length === 0)
          .map(([mediaType]) => `${operationId}: ${status} ${mediaType}`),
      ),
    ]);
    expect(without.filter((each) => !each.includes('text/html'))).toEqual([]);
  });

  test('where fields may come in the query alone, that is shown', () => {
    for (const { body, id } of routes) {
      if (body?.kind !== 'forms') continue;
      const { parameters = [] } = operations.find(({ operationId }) => operationId === id) ?? {};
      const shown = new Set(parameters.flatMap(({ examples = {} }) => Object.keys(examples)));
      expect([...shown].sort(), id).toEqual(body.instead === undefined ? ['raw'] : ['query', 'raw']);
    }
  });

  test('every example is as its schema says', () => {
    let count = 0;
    const check = (where: string, { schema, examples = {} }: MediaType) => {
      for (const [name, { $ref, value }] of Object.entries(examples)) {
        const shown = $ref === undefined ? value : components.examples[$ref.split('/').at(-1) ?? '']?.value;
        expect(faultsOf(shown, schema), `${where}, ${name}`).toEqual([]);
        count++;
      }
    };
    for (const { operationId, parameters = [], requestBody, responses } of operations) {
      for (const { name, schema, examples } of parameters)
        if (schema && examples) check(`${operationId} ${name}`, { schema, examples });
      for (const [type, media] of Object.entries(requestBody?.content ?? {})) check(`${operationId} ${type}`, media);
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const [type, media] of Object.entries(content)) check(`${operationId} ${status} ${type}`, media);
    }
    expect(count).toBeGreaterThan(100);
  });

  test('a damaged example would be seen', () => {
    const { content } = operations[0]?.responses[200] ?? {};
    const schema = content?.['application/json']?.schema ?? {};
    const [{ value } = {}] = Object.values(content?.['application/json']?.examples ?? {});
    expect(faultsOf({ ...(value as object), num_detections: 'two' }, schema)).not.toEqual([]);
  });

  test('answers in examples have no field that the contract does not know', () => {
    for (const { id, replies } of routes) {
      const { responses } = operations.find(({ operationId }) => operationId === id)!;
      for (const [status, schema] of Object.entries(replies)) {
        if (typeof schema === 'string') continue;
        for (const [name, { value }] of Object.entries(
          responses[status]?.content?.['application/json']?.examples ?? {},
        ))
          expect(schema.parse(value), `${id} ${status} ${name}`).toEqual(value);
      }
    }
  });

  test('every code that a route may answer has its problem document at its status', () => {
    for (const { id, errors, replies } of routes) {
      const { responses } = operations.find(({ operationId }) => operationId === id)!;
      const shown = Object.values(responses).flatMap(({ content }) =>
        Object.keys(content?.['application/problem+json']?.examples ?? {}),
      );
      const answered = [...new Set([...errors, ...commonErrors])].filter(
        (code) => !(errorRegistry[code].status in replies),
      );
      expect(shown.sort(), id).toEqual(answered.sort());
    }
    for (const [code, { value }] of Object.entries(components.examples)) {
      expect(value).toMatchObject({ code, detail: expect.not.stringMatching(/[{}]|undefined/) });
    }
  });

  test('every field says what it is, and every number that a caller chooses has bounds', () => {
    const silent: string[] = [];
    const unbounded: string[] = [];
    const look = (schema: Schema, where: string, { isRequest = false } = {}) => {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        if (!property.description && !resolved(property).properties && !resolved(property).anyOf)
          silent.push(`${where}.${name}`);
        const types = [property.type ?? []].flat();
        const isNumber = types.includes('number') || types.includes('integer');
        if (isRequest && isNumber && (property.minimum === undefined || property.maximum === undefined))
          unbounded.push(`${where}.${name}`);
        look(property, `${where}.${name}`, { isRequest });
      }
      for (const inner of [schema.items ?? [], schema.anyOf ?? [], schema.oneOf ?? []].flat())
        look(inner, where, { isRequest });
    };
    for (const [name, schema] of Object.entries(components.schemas))
      look(schema, name, { isRequest: /Fields|Input|Patch|Metadata/.test(name) });
    for (const { operationId, parameters = [], requestBody } of operations) {
      for (const { name, description } of parameters) if (!description) silent.push(`${operationId}: ${name}`);
      for (const { schema } of Object.values(requestBody?.content ?? {}))
        look(schema, operationId, { isRequest: true });
    }
    expect(silent).toEqual([]);
    expect(unbounded).toEqual([]);
  });

  test('files in examples are there', async () => {
    const text = JSON.stringify(operations.map(({ requestBody }) => requestBody));
    const files = [...new Set([...text.matchAll(/"@([^"]+)"/g)].map(([, path = '']) => path))];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) await access(join(resolve(import.meta.dirname, '..'), file));
  });
});
