// Any other provider with an HTTP interface: an Admin writes the call as a template, and says what its answers mean.
import { Liquid, type Template } from 'liquidjs';
import { z } from 'zod';
import { shortened } from '@/lib/text/shortened';
import type { SmsReport } from '../outcome';
import {
  codeOf,
  jsonIn,
  printable,
  retryAfter,
  secondsUntil,
  usualMeaning,
  withoutPlus,
  type ProviderCall,
  type Sms,
  type SmsProvider,
} from '../provider';
import { isSame } from '../signature';

export const HTTP_METHODS = ['POST', 'PUT', 'GET'] as const;
export const BODY_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** Placeholders only: a template of a call has no loops and reads no files. */
const engine = new Liquid({
  strictFilters: true,
  strictVariables: true,
  ownPropertyOnly: true,
  parseLimit: 20_000,
  memoryLimit: 1_000_000,
  relativeReference: false,
  fs: {
    readFileSync: () => '',
    readFile: () => Promise.resolve(''),
    existsSync: () => false,
    exists: () => Promise.resolve(false),
    resolve: () => '',
  },
});
for (const name of Object.keys(engine.tags)) delete engine.tags[name];
const FILTERS = ['json', 'url_encode', 'upcase', 'downcase', 'strip', 'default', 'base64_encode', 'append', 'prepend'];
for (const name of Object.keys(engine.filters)) if (!FILTERS.includes(name)) delete engine.filters[name];

const parsed = new Map<string, Template[]>();
const MOST = 200;

function fill(template: string, values: Record<string, string>): string {
  let known = parsed.get(template);
  if (!known) {
    if (parsed.size >= MOST) parsed.clear();
    parsed.set(template, (known = engine.parse(template)));
  }
  return engine.renderSync(known, values) as string;
}

/** Values to try a template with: those with quotes and signs show what is missing in it. */
const SAMPLE = {
  to: '46700000000',
  from: 'Tagwell',
  text: 'It’s a "test" & more\nhere: 100 %',
  reference: '12',
  callback: 'https://example.com/hooks/sms/1',
  secret: 'secret',
  until: '2026-11-27T20:00:00.000Z',
  seconds: '3600',
};

const template = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .superRefine((text, context) => {
      try {
        fill(text, SAMPLE);
      } catch (error) {
        const [first = ''] = (error instanceof Error ? error.message : '').split('\n');
        context.addIssue({ code: 'custom', message: `This is not a template: ${first}` });
      }
    });

const HEADER = /^([A-Za-z0-9-]{1,64}):[ \t]*([^\r\n]*)$/;
/** Headers that belong to the connection. */
const OURS = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);

const PathSchema = z
  .string()
  .trim()
  .regex(/^[\w-]*(\.[\w-]+)*$/, 'Write names with points between them, such as messages.0.id.')
  .max(200);

const CodesSchema = z
  .string()
  .trim()
  .regex(/^\d{3}(\s*,\s*\d{3})*$|^$/, 'Write statuses with commas between them, such as 429, 503.')
  .max(100);

const WordsSchema = z.string().trim().max(300);

export const HttpSettings = z
  .object({
    method: z.enum(HTTP_METHODS),
    url: template(2_000).pipe(z.string().min(1, 'Enter the address.')),
    headers: template(4_000).refine(
      (text) =>
        linesOf(text).every((line) => {
          const name = HEADER.exec(line)?.[1]?.toLowerCase();
          return name !== undefined && !OURS.has(name);
        }),
      'Write one header a line, such as Authorization: Bearer {{ secret }}. Those of the connection are ours.',
    ),
    bodyType: z.enum(['json', 'form']),
    body: template(10_000),
    /** Where the answer has the provider's id, and what shows that the SMS was taken; empty: the status alone. */
    idPath: PathSchema,
    okPath: PathSchema,
    okValues: WordsSchema,
    throttleStatuses: CodesSchema,
    /** How reports name the state, and which words mean what. */
    statusField: PathSchema,
    deliveredValues: WordsSchema,
    failedValues: WordsSchema,
  })
  .superRefine(({ method, body, bodyType }, context) => {
    if (method === 'GET' || bodyType !== 'json') return;
    try {
      JSON.parse(fill(body, SAMPLE));
    } catch {
      const message =
        'With values, this is no JSON. Write values as {{ text | json }}, without quotation marks around them.';
      context.addIssue({ code: 'custom', path: ['body'], message });
    }
  });
export type HttpSettings = z.output<typeof HttpSettings>;
/** `former`: a secret in reports that may still come, until the provider has the new one. */
export type HttpSecrets = { secret: string; former: string | null };

const linesOf = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim() !== '');

const wordsOf = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter(Boolean);

type Known = { settings: HttpSettings; secrets: HttpSecrets };

function callOf({ settings, secrets }: Known, { from, to, text, reference, callback, until }: Sms): ProviderCall {
  const values = {
    ...{ from, to, text, reference: reference ?? '', callback: callback ?? '', secret: secrets.secret },
    ...{ until: until?.toISOString() ?? '', seconds: until ? String(secondsUntil(until)) : '' },
  };
  const hasBody = settings.method !== 'GET';
  // A value must not begin a header of its own.
  const plain = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replace(/[\r\n]+/g, ' ')]),
  );
  const headers = linesOf(fill(settings.headers, plain)).flatMap((line): [string, string][] => {
    const [, name, value] = HEADER.exec(line) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value ?? '']];
  });
  return {
    url: fill(settings.url, values),
    method: settings.method,
    headers: { ...(hasBody && { 'content-type': BODY_TYPES[settings.bodyType] }), ...Object.fromEntries(headers) },
    ...(hasBody && { body: fill(settings.body, values) }),
  };
}

/** What stands at a place in JSON, as text; undefined: nothing. */
function at(json: unknown, path: string): string | undefined {
  let value: unknown = json;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** The fields of a report: JSON, or a form in the body or the address. */
function fieldsOf(url: string, body: string): unknown {
  const json = jsonIn(body);
  if (typeof json === 'object' && json !== null) return json;
  const { searchParams } = new URL(url);
  return Object.fromEntries([...searchParams, ...new URLSearchParams(body)]);
}

export const http: SmsProvider<HttpSettings, HttpSecrets> = {
  name: 'HTTP',
  send: callOf,
  outcome: ({ settings }, answer) => {
    const text = printable(answer.body);
    const said = { code: answer.status, status: null, text };
    if (settings.throttleStatuses.split(',').some((status) => Number(status) === answer.status)) {
      return { kind: 'deferred', why: 'pace', ...said, ...retryAfter(answer.headers['retry-after']) };
    }
    const usual = usualMeaning(answer, text);
    if (usual) return usual;
    if (answer.status >= 400) return { kind: 'refused', why: 'message', ...said };
    const json = jsonIn(answer.body);
    if (settings.okPath !== '') {
      const value = at(json, settings.okPath);
      if (value === undefined) return { kind: 'unknown', ...said };
      const wanted = wordsOf(settings.okValues);
      const isTaken = wanted.length === 0 || wanted.includes(value.toLowerCase());
      if (!isTaken) return { kind: 'refused', why: 'message', ...said, status: shortened(printable(value), 60) };
    }
    const id = settings.idPath === '' ? undefined : at(json, settings.idPath);
    return { kind: 'sent', ...said, text: id === undefined ? text : `Taken as ${printable(id)}` };
  },
  probe: () => null,
  // Its address proves that it is about one of our messages; a header with the secret proves who says it, where one is sent.
  isGenuine: ({ secrets }, { headers }) => {
    const given = headers['x-tagwell-secret'];
    if (given === undefined) return true;
    return [secrets.secret, secrets.former].map((secret) => secret !== null && isSame(given, secret)).includes(true);
  },
  read: ({ settings }, { url, body }, reference) => {
    const fields = fieldsOf(url, body);
    if (reference === null) {
      const [from, text] = [at(fields, 'from'), at(fields, 'text') ?? at(fields, 'message')];
      return from !== undefined && text !== undefined
        ? { is: 'answer', answer: { from: withoutPlus(from), text } }
        : null;
    }
    const status = at(fields, settings.statusField || 'status');
    if (status === undefined) return null;
    const word = status.toLowerCase();
    const is = (values: string, usual: string) => wordsOf(values || usual).includes(word);
    const state: SmsReport['state'] = is(settings.failedValues, 'failed, undelivered, rejected, expired')
      ? 'failed'
      : is(settings.deliveredValues, 'delivered, delivrd')
        ? 'delivered'
        : 'underway';
    const providerId = (settings.idPath && at(fields, settings.idPath)) || null;
    const why = state !== 'failed' ? null : word === 'expired' ? 'expired' : 'other';
    return {
      is: 'report',
      report: { reference, providerId, state, why, code: codeOf(status), status: shortened(status, 60) },
    };
  },
};
