// The scripts of a Postman collection: what runs before each request, and the tests of each answer.

/** @param {string[]} exec @param {'prerequest' | 'test'} listen */
const script = (listen, exec) => ({ listen, script: { type: 'text/javascript', exec } });

/** A key is sent where there is one: an empty header would be a wrong key. */
export const startScripts = () => [
  script('prerequest', [
    "const key = pm.variables.get('api_key');",
    "if (key) pm.request.headers.upsert({ key: 'Authorization', value: 'Bearer ' + key });",
  ]),
];

/** Keys are managed with the admin key alone; without it, nothing is asked. */
export const skipWithoutKey = () =>
  script('prerequest', ["if (!pm.variables.get('api_key')) pm.execution.skipRequest();"]);

/**
 * Tests of one answer: its status, the fields that the example has, and what later requests need of it.
 * @param {object} answer
 * @param {number[]} answer.statuses any of which is right
 * @param {import('./postman-collection.mjs').Reply | undefined} answer.reply an example of it
 * @param {Record<string, string>} answer.kept variable → expression over `body`
 */
export function scriptsOf({ statuses, reply, kept }) {
  const lines = [
    `pm.test('status is ${statuses.join(' or ')}', () => pm.expect(pm.response.code).to.be.oneOf(${JSON.stringify(statuses)}));`,
    ...fieldTests(reply),
    ...Object.entries(kept).map(([name, expression]) => `pm.collectionVariables.set('${name}', ${expression});`),
  ];
  return [script('test', lines)];
}

/** @param {import('./postman-collection.mjs').Reply | undefined} reply */
function fieldTests(reply) {
  if (reply === undefined) return [];
  if (reply.mediaType.endsWith('ndjson')) {
    const count = reply.value.trim().split('\n').length;
    return [
      "const lines = pm.response.text().trim().split('\\n').map((line) => JSON.parse(line));",
      `pm.test('a line for each file', () => pm.expect(lines.map(({ index }) => index)).to.have.members(${JSON.stringify([...Array(count).keys()])}));`,
    ];
  }
  if (reply.mediaType !== 'application/json')
    return ["pm.test('has text', () => pm.expect(pm.response.text()).to.not.be.empty);"];
  const lists = Object.entries(reply.value).flatMap(([name, list]) =>
    Array.isArray(list) && typeof list[0] === 'object' && !Array.isArray(list[0])
      ? [hasFields(`body.${name}[0]`, list[0])]
      : [],
  );
  return ['const body = pm.response.json();', hasFields('body', reply.value), ...lists];
}

/** @param {string} place @param {object} example */
const hasFields = (place, example) =>
  `pm.test('${place} has its fields', () => pm.expect(${place}).to.include.all.keys(${JSON.stringify(Object.keys(example))}));`;
