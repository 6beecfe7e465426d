// The served document against the running API: calls generated from its schemas, valid and corrupted, get the documented answers.
import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { account, CRM, EMAIL, keyOf, makeTag, section, server, token, withApi } from '@/testing/api';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { createEventType } from '@/lib/events/commands';
import { hideTag } from '@/lib/tags/commands';
import { publishTestFlow } from '@/testing/flows';
import { TestForms } from '@/testing/forms';
import { hasTag, makeSegment, noneOf } from '@/testing/segments';
import { TestConnection } from '@/testing/sync';
import type { ApiDocument, Schema } from './reference/operations';

withApi();

type Operation = { method: string; path: string; operation: ApiDocument['paths'][string][string] };

let document: ApiDocument;
let operations: Operation[];
let ajv: Ajv;
/** Existing values, by parameter name. */
let known: Record<string, string[]>;

beforeAll(async () => {
  document = (await (await fetch(`${server.address}/openapi.json`)).json()) as ApiDocument;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  ajv = new Ajv({ strict: false });
  addFormats(ajv);
  ajv.addSchema({ ...document, $id: 'document' });
  const tags = [await makeTag('Fuzz A'), await makeTag('Fuzz B')];
  const fields = [{ code: 'value', name: 'Value', type: 'number' }];
  await createEventType(account.admin, { sectionId: account.sectionId, name: 'Fuzzed', fields });
  const lost = await makeTag('Fuzz lost');
  for (const rule of [hasTag(tags[0]!.id), noneOf(hasTag(tags[1]!.id)), hasTag(lost.id)]) {
    await makeSegment(account.admin, account.sectionId, rule);
  }
  await hideTag(account.admin, { sectionId: account.sectionId, tagId: lost.id });
  const segments = await rows<{ discriminator: string }>(
    pool(),
    sql`select discriminator from segment where section_id = ${account.sectionId}`,
  );
  const forms = await TestForms.open(account);
  const form = await forms.form();
  process.env.TAGWELL_ALLOW_PRIVATE_ADDRESSES = '127.0.0.1';
  const shop = await TestConnection.open(account, account.sectionId);
  const listId = await shop.keep(shop.crm.world.addList('Fuzzed', [shop.crm.world.addContact({})]), 'Fuzzed');
  const runId = await shop.start(true);
  await shop.finish(runId);
  await shop.stop();
  known = {
    section: [section],
    keyspace: [EMAIL, CRM],
    key: [keyOf('fuzz'), '46701234567', 'a/b?c', 'Ä ö'],
    tag: tags.flatMap(({ id, discriminator }) => [String(id), discriminator]),
    segment: segments.map(({ discriminator }) => discriminator),
    version: ['1', '2'],
    job: ['1'],
    webhook: ['1'],
    import: ['1'],
    form: [String(form.formId)],
    submission: [String(await forms.submit(form, { email: keyOf('fuzz') }))],
    flow: [
      String(await publishTestFlow(account, { trigger: { kind: 'none' }, steps: [{ id: 'wait', kind: 'wait' }] })),
    ],
    connection: [String(shop.id)],
    run: [String(runId)],
    list: ['com.apsis1.consent-lists.default', String(listId)],
  };
});

const anyText = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !/\p{Surrogate}/u.test(text));
const orAnything = <Value>(sound: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: sound }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) });

function resolved(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name ? (document.components?.schemas?.[name] ?? {}) : schema;
}

/** Values of a schema, most of them valid. Some texts are existing values. */
function valuesOf(given: Schema): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(valuesOf));
  if (schema.const !== undefined) return orAnything(fc.constant(schema.const));
  if (schema.enum) return orAnything(fc.constantFrom(...schema.enum));
  const [type] = [schema.type ?? 'object'].flat();
  const texts = Object.values(known).flat();
  switch (type) {
    case 'string':
      return orAnything(
        schema.format === 'date-time'
          ? fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
          : fc.oneof(fc.constantFrom(...texts, 'Email'), anyText),
      );
    case 'integer':
    case 'number':
      return orAnything(fc.integer());
    case 'boolean':
      return orAnything(fc.boolean());
    case 'null':
      return fc.constant(null);
    case 'array':
      return orAnything(fc.array(valuesOf(schema.items ?? {}), { maxLength: 4 }));
    default:
      return orAnything(objectsOf(schema));
  }
}

function objectsOf(schema: Schema): fc.Arbitrary<unknown> {
  const own = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, of]) => [name, valuesOf(of)]));
  if (typeof schema.additionalProperties === 'object') {
    return fc.dictionary(
      fc.constantFrom(...known.tag!, 'email', 'first', 'other'),
      valuesOf(schema.additionalProperties),
      {
        maxKeys: 3,
      },
    );
  }
  return fc.record(own, { requiredKeys: schema.required ?? [] });
}

type Call = { method: string; address: string; headers: Record<string, string>; body: string | undefined };

function callsOf({ method, path, operation }: Operation): fc.Arbitrary<Call> {
  const parameters = operation.parameters ?? [];
  const named = (where: string) => parameters.filter((parameter) => parameter.in === where).map(({ name }) => name);
  const inPath = fc.record(
    Object.fromEntries(
      named('path').map((name) => [
        name,
        fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...(known[name] ?? ['1'])) },
          { weight: 1, arbitrary: anyText },
        ),
      ]),
    ),
  );
  const query = fc.record(
    Object.fromEntries(
      named('query').map((name) => [
        name,
        fc.oneof(fc.constantFrom('1', '0', 'true', 'latest', '2147483648', '9007199254740991'), anyText),
      ]),
    ),
    { requiredKeys: [] },
  );
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const body = media?.schema
    ? fc.oneof(
        { weight: 9, arbitrary: valuesOf(media.schema).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: anyText },
      )
    : fc.constant(undefined);
  const headers = fc.record({
    ...(type && { 'content-type': fc.oneof({ weight: 9, arbitrary: fc.constant(type) }, fc.constant('text/plain')) }),
    accept: fc.constantFrom('*/*', 'application/problem+json', 'application/vnd.tagwell+json'),
    authorization: fc.oneof({ weight: 20, arbitrary: fc.constant(`Bearer ${token}`) }, fc.constant('Bearer none')),
  });
  return fc
    .record({ values: inPath, search: query, headers, body })
    .map(({ values, search, headers: sent, body: text }) => {
      const filled = path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(values[name] ?? ''));
      const question = new URLSearchParams(search as Record<string, string>).toString();
      return {
        method: method.toUpperCase(),
        address: `${filled}${question && `?${question}`}`,
        headers: sent,
        body: text,
      };
    });
}

/** By their position in the document: compiling a schema takes longer than a call. */
const validators = new Map<string, ValidateFunction>();

/** How an answer differs from the document, or null. */
function differenceOf(
  { path, method, operation }: Operation,
  status: number,
  type: string,
  body: string,
): string | null {
  const described = operation.responses[String(status)];
  if (!described) return `the status ${status} is not described`;
  if (!described.content) return body === '' ? null : 'there is a body, and none is described';
  const media = type.split(';')[0]!;
  if (!described.content[media]) return `the type ${type} is not described`;
  const pointer = ['paths', path, method, 'responses', String(status), 'content', media, 'schema']
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` });
  validators.set(pointer, validate);
  return validate(JSON.parse(body)) ? null : ajv.errorsText(validate.errors);
}

describe('every response matches the document', () => {
  it('of every operation, whatever the request', async () => {
    for (const operation of operations) {
      await fc.assert(
        fc.asyncProperty(callsOf(operation), async ({ method, address, headers, body }) => {
          const bodyless = method === 'GET' || body === undefined;
          const answer = await fetch(`${server.address}${address}`, {
            method,
            headers,
            redirect: 'manual',
            ...(!bodyless && { body }),
          });
          const text = await answer.text();
          // An empty name in a path makes it a different address.
          if (answer.status === 404 && text.includes('no such endpoint')) return;
          const type = answer.headers.get('content-type') ?? '';
          expect(differenceOf(operation, answer.status, type, text)).toBeNull();
        }),
        { numRuns: 40, endOnFailure: true },
      );
    }
    expect((await fetch(`${server.address}/healthz`)).status).toBe(200);
  });
});
