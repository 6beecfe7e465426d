// The operations of an OpenAPI document as the reference shows them: grouped, each with an example body and a curl command.

/** The parts of an OpenAPI 3.1 schema that examples use. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  default?: unknown;
  description?: string;
  format?: string;
};
type Content = Record<string, { schema?: Schema }>;
type Parameter = { name: string; in: string; required?: boolean; description?: string; schema?: Schema };
type Operation = {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
  security?: unknown[];
};
export type ApiDocument = {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
};

export type Field = { name: string; type: string; required: boolean; description: string };
export type ReferenceEntry = {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  parameters: Field[];
  body: { type: string; fields: Field[]; example: string } | null;
  answers: { status: string; description: string; example: string | null }[];
  curl: string;
};

/** By group, in the document's order. */
export function referenceOf(document: ApiDocument, origin: string): Map<string, ReferenceEntry[]> {
  const groups = new Map<string, ReferenceEntry[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const group = operation.tags?.[0] ?? 'Other';
      groups.set(group, [...(groups.get(group) ?? []), entryOf(document, { path, method, operation, origin })]);
    }
  }
  return groups;
}

type Found = { path: string; method: string; operation: Operation; origin: string };

function entryOf(document: ApiDocument, found: Found): ReferenceEntry {
  const { path, method, operation } = found;
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const schema = media?.schema;
  const body = type && schema ? { type, fields: fieldsOf(document, schema), example: pretty(document, schema) } : null;
  return {
    id: `${method}${path.replace(/[^a-z0-9]+/gi, '-')}`.replace(/-+$/, ''),
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? path,
    description: operation.description ?? '',
    parameters: (operation.parameters ?? []).map(({ name, in: where, required, description, schema: of }) => ({
      name,
      type: `${typeOf(document, of ?? {})}, in the ${where}`,
      required: Boolean(required),
      description: description ?? resolved(document, of ?? {}).description ?? '',
    })),
    body,
    answers: Object.entries(operation.responses)
      .filter(([status]) => Number(status) < 300)
      .map(([status, { description, content }]) => {
        const answer = Object.values(content ?? {})[0]?.schema;
        return { status, description, example: answer ? pretty(document, answer) : null };
      }),
    curl: curlOf(found, body),
  };
}

function curlOf({ path, method, operation, origin }: Found, body: ReferenceEntry['body']): string {
  const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const example = operation.parameters?.find((parameter) => parameter.name === name)?.schema?.example;
    return typeof example === 'string' ? encodeURIComponent(example) : `{${name}}`;
  });
  const lines = [`curl -X ${method.toUpperCase()} "${origin}${filled}"`];
  if (operation.security?.length !== 0) lines.push(`-H "Authorization: Bearer $TOKEN"`);
  if (body) lines.push(`-H "Content-Type: ${body.type}"`, `-d '${body.example.replaceAll("'", `'\\''`)}'`);
  return lines.join(' \\\n  ');
}

function resolved(document: ApiDocument, schema: Schema): Schema {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(schema.$ref ?? '')?.[1];
  return name ? (document.components?.schemas?.[name] ?? {}) : schema;
}

function fieldsOf(document: ApiDocument, given: Schema): Field[] {
  const schema = resolved(document, given);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    type: typeOf(document, property),
    required: schema.required?.includes(name) ?? false,
    description: resolved(document, property).description ?? '',
  }));
}

function typeOf(document: ApiDocument, given: Schema): string {
  const schema = resolved(document, given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => typeOf(document, choice)).join(' or ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return `list of ${typeOf(document, schema.items ?? {})}`;
  return [schema.type ?? 'any'].flat().join(' or ');
}

const pretty = (document: ApiDocument, schema: Schema) => JSON.stringify(exampleOf(document, schema), null, 2);

const EXAMPLES: Record<string, unknown> = { string: 'text', integer: 1, number: 1.5, boolean: true, null: null };

/** An example of a schema: its own, or one built from its parts. */
export function exampleOf(document: ApiDocument, given: Schema): unknown {
  const schema = resolved(document, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(document, part))) as unknown;
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return exampleOf(document, choice);
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, exampleOf(document, property)]),
    );
  }
  if (schema.type === 'array') return [exampleOf(document, schema.items ?? {})];
  if (typeof schema.additionalProperties === 'object') {
    return { '…': exampleOf(document, schema.additionalProperties) };
  }
  if (schema.format === 'date-time') return '2026-11-24T10:00:00.000Z';
  return EXAMPLES[[schema.type ?? 'object'].flat()[0] ?? ''] ?? {};
}
