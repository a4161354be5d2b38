// Makes a Postman collection (v2.1) of an OpenAPI document and its examples, in an order that runs from top to bottom.
import { scriptsOf, skipWithoutKey, startScripts } from './postman-scripts.mjs';

/**
 * @typedef {{ summary?: string, value?: any }} Example
 * @typedef {{ schema?: any, encoding?: Record<string, any>, examples?: Record<string, Example> }} MediaType
 * @typedef {{ name: string, in: string, description?: string, examples?: Record<string, Example> }} Parameter
 * @typedef {{
 *   operationId: string, summary: string, tags: string[], parameters?: Parameter[],
 *   requestBody?: { content: Record<string, MediaType> }, security?: { key?: string[] }[],
 *   responses: Record<string, { content?: Record<string, MediaType> }>,
 * }} Operation
 * @typedef {Operation & { method: string, path: string }} PlacedOperation
 * @typedef {{ info: { title: string, description: string }, paths: Record<string, Record<string, Operation>> }} Document
 * @typedef {{ name: string, summary: string, params: Record<string, any>, query: Record<string, any>,
 *   body?: { mediaType: string, media: MediaType, value: any } }} Sent
 * @typedef {{ status: number, mediaType: string, name: string, summary: string, value: any }} Reply
 *
 * @typedef {object} Plan
 * @property {string} name of the collection
 * @property {string} description
 * @property {Record<string, string>} variables with their values on import
 * @property {Record<string, Record<string, string>>} bindings field → value in the examples → variable to send instead
 * @property {Record<string, Record<string, string>>} kept operation → variable → where its answer has the value
 * @property {string[]} folders tags in their order; others follow
 */

/** The folder of what removes things: it runs last, so that nothing is left. */
const lastFolder = 'cleaning up';

/**
 * @param {Document} document with every `$ref` of examples left aside: problem documents are not requested
 * @param {Plan} plan
 */
export function postmanCollection(document, plan) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  return {
    info: {
      name: plan.name,
      description: plan.description,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    variable: Object.entries(plan.variables).map(([key, value]) => ({ key, value })),
    event: startScripts(),
    item: foldersOf(operations, plan).map(({ name, operations: inside }) => ({
      name,
      item: inside.map((operation) => itemOf(operation, plan)),
    })),
  };
}

/**
 * What fills variables goes first in its folder; what removes goes last of all, the inner before the outer.
 * @param {PlacedOperation[]} operations
 * @param {Plan} plan
 */
function foldersOf(operations, { folders, kept }) {
  const isFilling = (/** @type {Operation} */ { operationId }) => operationId in kept;
  const depthOf = (/** @type {PlacedOperation} */ { path }) => path.split('/').length;
  const removing = operations.filter(({ method }) => method === 'DELETE').sort((a, b) => depthOf(b) - depthOf(a));
  const staying = operations.filter(({ method }) => method !== 'DELETE');
  const tags = [...new Set([...folders, ...staying.flatMap(({ tags }) => tags)])];
  const all = tags.map((name) => {
    const inside = staying.filter(({ tags: [tag] }) => tag === name);
    return { name, operations: [...inside.filter(isFilling), ...inside.filter((each) => !isFilling(each))] };
  });
  return [...all, { name: lastFolder, operations: removing }].filter(({ operations: { length } }) => length > 0);
}

/** @param {Operation} operation */
const needsAdmin = ({ security = [] }) => security.some(({ key = [] }) => key.includes('admin'));

/**
 * One request, or a folder of them where there are several examples.
 * @param {PlacedOperation} operation
 * @param {Plan} plan
 */
function itemOf(operation, plan) {
  const all = requestsOf(operation);
  const items = all.map((sent, index) => {
    const reply = replyOf(operation, sent.name);
    return {
      name: all.length === 1 ? operation.summary : sent.summary,
      event: [
        ...(needsAdmin(operation) ? [skipWithoutKey()] : []),
        ...scriptsOf({
          statuses: Object.keys(operation.responses)
            .map(Number)
            .filter((status) => status < 300),
          reply,
          kept: index === 0 ? (plan.kept[operation.operationId] ?? {}) : {},
        }),
      ],
      request: requestOf(operation, sent, reply, plan),
      response: reply === undefined ? [] : [savedReply(reply)],
    };
  });
  const [only] = items;
  return items.length === 1 ? only : { name: operation.summary, item: items };
}

/**
 * The examples of an operation's requests, put together from its parameters and bodies.
 * @param {PlacedOperation} operation
 * @returns {Sent[]}
 */
function requestsOf({ parameters = [], requestBody, summary }) {
  /** @type {Map<string, Sent>} */
  const found = new Map();
  const named = (/** @type {string} */ name, /** @type {Example} */ example) => {
    const sent = found.get(name) ?? { name, summary: example.summary ?? summary, params: {}, query: {} };
    found.set(name, sent);
    return sent;
  };
  for (const [mediaType, media] of Object.entries(requestBody?.content ?? {}))
    for (const [name, example] of Object.entries(media.examples ?? {}))
      named(name, example).body = { mediaType, media, value: example.value };
  for (const { name: parameter, in: place, examples = {} } of parameters)
    for (const [name, example] of Object.entries(examples))
      named(name, example)[place === 'path' ? 'params' : 'query'][parameter] = example.value;
  return found.size > 0 ? [...found.values()] : [{ name: 'plain', summary, params: {}, query: {} }];
}

/**
 * The answer to a request: the example of the same name, else the first.
 * @param {Operation} operation
 * @param {string} requestName
 * @returns {Reply | undefined}
 */
function replyOf({ responses }, requestName) {
  const all = Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .flatMap(([status, { content = {} }]) =>
      Object.entries(content).flatMap(([mediaType, { examples = {} }]) =>
        Object.entries(examples).map(([name, { summary = name, value }]) => ({
          status: Number(status),
          mediaType,
          name,
          summary,
          value,
        })),
      ),
    );
  return all.find(({ name }) => name === requestName) ?? all[0];
}

/**
 * @param {PlacedOperation} operation
 * @param {Sent} sent
 * @param {Reply | undefined} reply
 * @param {Plan} plan
 */
function requestOf({ method, path, parameters = [] }, { params, query, body }, reply, { bindings }) {
  const bound = (/** @type {string} */ name, /** @type {any} */ value) => bindings[name]?.[String(value)] ?? value;
  const described = Object.fromEntries(parameters.map(({ name, description }) => [name, description]));
  const segments = path
    .slice(1)
    .replaceAll(/\{(\w+)\}/g, (_, name) => String(bound(name, params[name])))
    .split('/');
  const search = Object.entries(query).map(([key, value]) => ({
    key,
    value: textOf(bound(key, value)),
    description: described[key],
  }));
  const searchText = search.map(({ key, value }) => `${key}=${value}`).join('&');
  const wanted = reply?.mediaType ?? 'application/json';
  return {
    method,
    header: [
      ...(wanted === 'application/x-ndjson' ? [{ key: 'Accept', value: wanted }] : []),
      ...(body && body.mediaType !== 'multipart/form-data'
        ? [{ key: 'Content-Type', value: body.mediaType.replace('*', 'png') }]
        : []),
    ],
    url: {
      raw: `{{base_url}}/${segments.join('/')}${searchText === '' ? '' : `?${searchText}`}`,
      host: ['{{base_url}}'],
      path: segments,
      ...(search.length > 0 ? { query: search } : {}),
    },
    ...(body ? { body: bodyOf(body, bound) } : {}),
  };
}

/**
 * @param {NonNullable<Sent['body']>} body
 * @param {(name: string, value: any) => any} bound
 */
function bodyOf({ mediaType, media, value }, bound) {
  if (mediaType === 'multipart/form-data') return { mode: 'formdata', formdata: formOf(media.schema, value, bound) };
  if (mediaType !== 'application/json') return { mode: 'file', file: { src: value.slice(1) } };
  const fields = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, bound(name, each)]));
  // Job ids are numbers: their variables stand without quotation marks.
  const raw = JSON.stringify(fields, null, 2).replaceAll(/"(\{\{\w*job_id\}\})"/g, '$1');
  return { mode: 'raw', raw, options: { raw: { language: 'json' } } };
}

/**
 * The fields that are sent, and, switched off, those that could be.
 * @param {any} schema
 * @param {Record<string, any>} value
 * @param {(name: string, value: any) => any} bound
 * @returns {object[]}
 */
function formOf({ properties }, value, bound) {
  const sent = Object.entries(value).flatMap(
    /** @returns {object[]} */ ([key, field]) => {
      const { description } = properties[key];
      const files = [field].flat().filter((each) => typeof each === 'string' && each.startsWith('@'));
      if (files.length > 0) return files.map((file) => ({ key, type: 'file', description, src: file.slice(1) }));
      return [{ key, type: 'text', description, value: textOf(bound(key, field)) }];
    },
  );
  const others = Object.entries(properties).filter(([key, { format }]) => !(key in value) && format !== 'binary');
  return [
    ...sent,
    ...others.map(([key, { description, default: usual = '' }]) => ({
      key,
      value: textOf(usual),
      type: 'text',
      description,
      disabled: true,
    })),
  ];
}

/**
 * As forms and queries carry a value: numbers comma-separated, all else that is no plain text as JSON.
 * @param {any} value
 */
function textOf(value) {
  if (Array.isArray(value) && value.every((each) => typeof each === 'number')) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** @param {Reply} reply */
const savedReply = ({ status, mediaType, summary, value }) => ({
  name: summary,
  code: status,
  header: [{ key: 'Content-Type', value: mediaType }],
  body: typeof value === 'string' ? value : JSON.stringify(value, null, 2),
  _postman_previewlanguage: mediaType === 'application/json' ? 'json' : 'text',
});
