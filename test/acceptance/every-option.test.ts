import { defaultOptions, type InferenceOptions, optionFields } from '@lensgate/contracts';
import { closeConnections, type Fields } from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Doors, type JobName, jobs, openDoors } from './every-option/doors.js';
import { gatewayRows, workerRows } from './every-option/field-rows.js';
import { type Form, forms, type Told } from './every-option/forms.js';
import { ignoredBy, optionRows, type Row } from './every-option/option-rows.js';

let doors: Doors;
beforeAll(async () => {
  doors = await openDoors();
});
afterAll(async () => {
  await doors?.stack.close();
  await closeConnections();
});

const rowsAt: Readonly<Record<Form['door'], Readonly<Record<string, Row>>>> = {
  gateway: gatewayRows,
  worker: workerRows,
};
const cells = forms.flatMap((form) => form.fields.map((field) => ({ form, field, name: `${form.name}: ${field}` })));

/** What comes without the field; the same for many rows. */
const known = new Map<string, Promise<Told>>();
function without(form: Form, job: JobName, fields: Fields): Promise<Told> {
  const key = `${form.name} ${job} ${JSON.stringify(fields)}`;
  const told = known.get(key) ?? form.send(doors, jobs[job], fields);
  known.set(key, told);
  return told;
}

describe('the table', () => {
  test('has every form of every inference route', () => {
    const counts = (['gateway', 'worker'] as const).map((door) =>
      (['quick', 'batch'] as const).map(
        (kind) => forms.filter((form) => form.door === door && form.kind === kind).length,
      ),
    );
    // Quick: a file as a form and under each raw type, at the gateway a handle as a form, JSON and query. Batch: two answers, and the query.
    expect(counts).toEqual([
      [6, 3],
      [3, 3],
    ]);
  });

  test('has a row for every field of every form, and every option is a field of every form', () => {
    expect(cells.filter(({ form, field }) => rowsAt[form.door][field] === undefined)).toEqual([]);
    for (const form of forms) expect(form.fields).toEqual(expect.arrayContaining(Object.keys(optionFields)));
    const fieldsAt = (door: Form['door']) =>
      new Set(forms.filter((form) => form.door === door).flatMap(({ fields }) => fields));
    for (const door of ['gateway', 'worker'] as const)
      expect([...fieldsAt(door)].sort()).toEqual(Object.keys(rowsAt[door]).sort());
  });
});

describe('a field is heeded, or the answer says that it is not', () => {
  test.each(cells.map((cell) => [cell.name, cell] as const))('%s', async (_, { form, field }) => {
    const { job = 'detector', value, with: others = {}, check } = rowsAt[form.door][field]!;
    const before = await without(form, job, others);
    check(await form.send(doors, jobs[job], { ...others, [field]: value }), before, form);
  });
});

describe('fields that nobody knows are named in warnings', () => {
  test.each(forms.map((form) => [form.name, form] as const))('%s', async (_, form) => {
    const told = await form.send(doors, jobs.detector, { confidance_threshold: 0.5, 겹침: 'x' });
    expect(told.body.warnings).toEqual([
      'The field confidance_threshold is not known and was ignored.',
      'The field 겹침 is not known and was ignored.',
    ]);
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x${index}`.repeat(40), index]));
    const warnings = (await form.send(doors, jobs.detector, many)).body.warnings as string[];
    expect(warnings).toHaveLength(11);
    expect(Math.max(...warnings.map((words) => words.length))).toBeLessThan(150);
    expect(warnings.at(-1)).toBe('So were 30 more.');
  });
});

describe('warnings are said in the language of the caller', () => {
  test.each(forms.map((form) => [form.name, form] as const))('%s', async (_, form) => {
    const fields = { confidance_threshold: 0.5, top_k: 3, image_format: 'webp' };
    const words = async (language: string) =>
      (await form.send(doors, jobs.detector, fields, { 'accept-language': language })).body.warnings as string[];
    const [korean, english] = [await words('ko-KR,ko;q=0.9,en;q=0.5'), await words('en')];
    expect(korean).toHaveLength(3);
    expect(english).toHaveLength(3);
    for (const [place, words] of korean.entries()) {
      expect(words).toMatch(/[가-힣]/);
      expect(english[place]).not.toMatch(/[가-힣]/);
      for (const name of Object.keys(fields)) expect(words.includes(name)).toBe(english[place]!.includes(name));
    }
  });
});

describe('options that a task ignores are named in warnings, and no others', () => {
  const all = Object.keys(optionFields) as (keyof InferenceOptions)[];
  const set = Object.fromEntries(all.map((name) => [name, name === 'timeout_ms' ? 60_000 : optionRows[name].value]));
  const byJob = forms.flatMap((form) =>
    (Object.keys(jobs) as JobName[]).map((job) => ({ form, job, name: `${form.name}, ${job}` })),
  );

  test('when each is set to something else than its default', () => {
    expect(
      all.filter((name) => set[name] === (defaultOptions as InferenceOptions)[name] && name !== 'overlay'),
    ).toEqual([]);
  });

  test.each(byJob.map((each) => [each.name, each] as const))('%s', async (_, { form, job }) => {
    const { status, body } = await form.send(doors, jobs[job], set);
    expect([status, body.code]).toEqual([200, undefined]);
    const named = (body.warnings as string[]).map((words) => /^The option (\w+) has no effect on/.exec(words)?.[1]);
    expect(named.sort()).toEqual([...ignoredBy[job]].sort());
  });
});
