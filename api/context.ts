// Shared by the API's routes: the caller, the section and keyspace in the address, and responses.
import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { ClientActor } from '@/lib/access/actor';
import type { Command, CommandOptions } from '@/lib/access/command';
import type { Query } from '@/lib/access/query';
import { refuse, valueOf, type RefusalData } from '@/lib/access/refusal';
import { countDenied } from '@/lib/accounts/tag-use';
import { environment } from '@/lib/config/environment';
import type { NamedScope } from '@/lib/accounts/callers';
import { readScope } from '@/lib/accounts/reads';
import type { KeyspaceId, SectionId } from '@/lib/db/ids';
import type { Denied } from '@/lib/profiles/allowed-operations';

export type ApiEnvironment = { Variables: { client: ClientActor; named: NamedScope } };
export type ApiContext = Context<ApiEnvironment>;

const KeyspaceParam = z
  .string()
  .max(300)
  .openapi({
    param: { name: 'keyspace', in: 'path' },
    description: 'Discriminator of the keyspace.',
    example: 'com.apsis1.keyspaces.email',
  });
const SectionParam = z
  .string()
  .max(300)
  .openapi({
    param: { name: 'section', in: 'path' },
    description: 'Discriminator of the section.',
    example: 'com.apsis1.sections.default',
  });
const KeyParam = z
  .string()
  .max(1_000)
  .openapi({
    param: { name: 'key', in: 'path' },
    description: 'The profile key, percent-encoded.',
    example: 'andy.demo@apsis.com',
  });

/** Routes whose command itself checks, within the change, that the API key is still valid. */
const checkingRoutes = new Set<string>();
const routeName = (method: string, path: string) => `${method.toUpperCase()} ${path}`;

/** Marks a route whose command checks the API key itself: its caller may come from a cache that is some seconds old. */
export function checksKeyItself<Route extends { method: string; getRoutingPath(): string }>(route: Route): Route {
  checkingRoutes.add(routeName(route.method, route.getRoutingPath()));
  return route;
}

/** Whether a call goes to such a route. HEAD uses the route of GET. */
export const isCheckingKeyItself = (context: ApiContext): boolean =>
  matchedRoutes(context).some(({ method, path }) => checkingRoutes.has(routeName(method, path)));

/** A list in the query: a repeated name (`?of=a&of=b`) or one value with commas (`?of=a,b`). */
export function listInQuery<Value extends string>(item: z.ZodType<Value, string>, description: string) {
  const values: z.ZodType<Value[], string[]> = z.array(item).max(100, 'At most 100 values.');
  return z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((given) => {
      if (given === undefined) return undefined;
      const parts = [given].flat().flatMap((part) => part.split(','));
      return parts.map((part) => part.trim()).filter((part) => part !== '');
    })
    .pipe(values.optional())
    .openapi({
      type: 'array',
      items: { type: 'string' },
      param: { in: 'query', required: false, style: 'form', explode: true },
      description: `${description} Repeat the parameter, or separate values with commas.`,
    });
}

export const SectionPath = z.object({ section: SectionParam });
export const SectionKeyspacePath = z.object({ keyspace: KeyspaceParam, section: SectionParam });
export const KeyPath = z.object({ keyspace: KeyspaceParam, key: KeyParam });
export const ProfilePath = z.object({ keyspace: KeyspaceParam, key: KeyParam, section: SectionParam });

/** Resolves the section and keyspace in the address, if it has them; refuses those that the key may not use. */
export async function resolveScope<Names extends { section?: string; keyspace?: string }>(
  context: ApiContext,
  names: Names,
): Promise<{ sectionId: SectionId; keyspaceId: KeyspaceId }> {
  const client = context.get('client');
  const found = await findIds(client, context.get('named'), {
    section: names.section ?? null,
    keyspace: names.keyspace ?? null,
  });
  if (names.section !== undefined && found.sectionId === null) {
    refuse('not_found', `There is no section “${names.section}” that this API key may use.`);
  }
  if (names.keyspace !== undefined && found.keyspaceId === null) {
    refuse('not_found', `There is no keyspace “${names.keyspace}” that this API key may use.`);
  }
  return found as { sectionId: SectionId; keyspaceId: KeyspaceId };
}

/** The keyspaces that a call names, in its order; empty if it names none. */
export async function resolveKeyspaces(context: ApiContext, names: readonly string[] = []): Promise<KeyspaceId[]> {
  const found = [];
  for (const keyspace of names) found.push((await resolveScope(context, { keyspace })).keyspaceId);
  return found;
}

/** Uses what the middleware has already found if it fits; otherwise looks it up. */
async function findIds(
  client: ClientActor,
  named: NamedScope,
  wanted: { section: string | null; keyspace: string | null },
): Promise<{ sectionId: SectionId | null; keyspaceId: KeyspaceId | null }> {
  const known =
    (wanted.section === null || wanted.section === named.section) &&
    (wanted.keyspace === null || wanted.keyspace === named.keyspace);
  if (!known) return valueOf(await readScope(client, wanted));
  const allowed = <Id>(id: Id | null, ids: 'all' | readonly Id[]) =>
    id !== null && (ids === 'all' || ids.includes(id)) ? id : null;
  return {
    sectionId: allowed(named.sectionId, client.sections),
    keyspaceId: allowed(named.keyspaceId, client.keyspaces),
  };
}

/** The origin under which the caller reached us. */
export function originOfCall(context: ApiContext): string {
  return environment().TAGWELL_URL?.replace(/\/+$/, '') ?? new URL(context.req.url).origin;
}

/** Runs a command as the client and returns its value; throws a refusal. */
export async function run<Output>(context: ApiContext, command: Command<Output>, input: unknown): Promise<Output> {
  return valueOf(await command(context.get('client'), input, await idempotency(context)));
}

/** Runs a query for the client and returns its value; throws a refusal. Cancelled when the client disconnects. */
export async function read<Input, Output>(
  context: ApiContext,
  query: Query<Input, Output>,
  input: Input,
): Promise<Output> {
  return valueOf(await query(context.get('client'), input, { signal: context.req.raw.signal }));
}

/** `Idempotency-Key`: for a day, repeating a call with the same key returns the first answer and changes nothing. */
async function idempotency(context: ApiContext): Promise<CommandOptions> {
  const key = context.req.header('idempotency-key');
  if (!key) return {};
  const { apiKeyId } = context.get('client');
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const call = [context.req.method, context.req.path, await context.req.text()].join('\n');
  return { requestId: hash(`${apiKeyId}\n${key}`), fingerprint: hash(call) };
}

/** Counts refusals by Allowed Operations; ignores other refusals. */
export async function recordDenied(client: ClientActor, refusals: readonly RefusalData[]): Promise<void> {
  const denied = refusals.flatMap(({ code, details }) => {
    const named = typeof details === 'object' && details !== null && 'tagId' in details;
    return code === 'not_allowed' && named ? [{ ...(details as Denied), apiKeyId: client.apiKeyId }] : [];
  });
  await countDenied(denied);
}
