interface Schema {
  readonly type?: string | readonly string[];
  readonly items?: { readonly type?: string; readonly format?: string };
}

/** What of an OpenAPI operation says how its fields are written. */
export interface WithLists {
  readonly parameters?: readonly {
    readonly in: string;
    readonly schema?: Schema;
    style?: string;
    explode?: boolean;
    content?: Record<string, { schema: Schema }>;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { schema?: { properties?: Record<string, Schema> }; encoding?: object }>>;
  };
}

const typesOf = ({ type = [] }: Schema): readonly string[] => (typeof type === 'string' ? [type] : type);
const isFiles = ({ items }: Schema): boolean => items?.format === 'binary';

/** How a value that is no plain text is written in forms and queries: numbers comma-separated, all else as JSON. */
function writingOf(schema: Schema): 'commas' | 'json' | undefined {
  if (isFiles(schema)) return undefined;
  if (typesOf(schema).includes('array')) return schema.items?.type === 'integer' ? 'commas' : 'json';
  return typesOf(schema).includes('object') ? 'json' : undefined;
}

/** Says for each list of an operation how forms and queries carry it; OpenAPI's own defaults would repeat the field. */
export function describeLists({ parameters = [], requestBody }: WithLists): void {
  for (const parameter of parameters) {
    const { schema } = parameter;
    if (!schema) continue;
    const writing = writingOf(schema);
    if (writing === 'commas') Object.assign(parameter, { style: 'form', explode: false });
    if (writing !== 'json') continue;
    parameter.content = { 'application/json': { schema } };
    Reflect.deleteProperty(parameter, 'schema');
  }
  const form = requestBody?.content['multipart/form-data'];
  const encoding = Object.entries(form?.schema?.properties ?? {}).flatMap(([name, schema]) => {
    const writing = writingOf(schema);
    if (writing === undefined) return [];
    return [[name, writing === 'commas' ? { style: 'form', explode: false } : { contentType: 'application/json' }]];
  });
  if (form && encoding.length > 0) form.encoding = Object.fromEntries(encoding);
}
