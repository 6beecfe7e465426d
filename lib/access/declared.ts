// What commands and queries share: who may run them, their input, refusals as values, and reporting of finished calls.
import { z } from 'zod';
import { Cancelled } from '@/lib/db/cancellable';
import { isUnstorable } from '@/lib/db/condition';
import { SectionIdSchema, type AccountId, type SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { rows, sql } from '@/lib/db/sql';
import { pathToUnstorable } from '@/lib/text/storable';
import { actorKey, type Actor } from './actor';
import { maySeeSection, requireAllowed, type Allowed } from './policy';
import { Refusal, refuse, UNSTORABLE, type RefusalCode, type Result } from './refusal';

export type Kind = 'command' | 'query';

/** What every declaration has. `name`: subject.verb, stable: it is used in the audit log, metrics and logs. */
export type Declared<Input extends z.ZodType> = {
  name: string;
  scope: 'section' | 'account';
  allow: Allowed;
  input: Input;
};

/** Input of a command or query on one section. */
export type SectionInput = z.ZodType<{ sectionId: SectionId }>;

/** Input that only names the section. */
export const InSection = z.object({ sectionId: SectionIdSchema });

/** All commands and queries of the process, for tests that check all of them. */
export const declarations: {
  kind: Kind;
  name: string;
  scope: 'section' | 'account';
  allow: Allowed;
  call: (actor: Actor, input: never) => Promise<Result<unknown>>;
}[] = [];

/** A finished call of a command or query. `error`: an unexpected exception. */
export type Call = {
  kind: Kind;
  name: string;
  outcome: 'ok' | 'cancelled' | 'error' | RefusalCode;
  seconds: number;
  /** The caller: see `actorKey`. */
  actor: string;
  requestId: string | undefined;
  /** For outcome `error`: the exception. */
  error?: unknown;
};

const shared = globalThis as typeof globalThis & { tagwellCalls?: (call: Call) => void };

/** Reports every call from now on to `listener`, for metrics and logs: lib itself does not log. Shared like the pool. */
export function onCall(listener: ((call: Call) => void) | undefined): void {
  shared.tagwellCalls = listener;
}

/** Runs the body of a call: expected refusals become values, and the outcome is reported. */
export async function answered<Output>(
  kind: Kind,
  name: string,
  actor: Actor,
  work: () => Promise<Output>,
): Promise<Result<Output>> {
  const started = performance.now();
  let outcome: Call['outcome'] = 'error';
  let unexpected: unknown;
  try {
    const result = await work().then((value): Result<Output> => ({ ok: true, value }), refused);
    outcome = result.ok ? 'ok' : result.refusal.code;
    return result;
  } catch (error) {
    if (error instanceof Cancelled) outcome = 'cancelled';
    else unexpected = error;
    throw error;
  } finally {
    const seconds = (performance.now() - started) / 1_000;
    const { requestId } = actor.from;
    shared.tagwellCalls?.({ kind, name, outcome, seconds, actor: actorKey(actor), requestId, error: unexpected });
  }
}

/**
 * Checks, in this order, the actor's role, access to the section in the input, and the input. Somebody without access
 * learns nothing about the input's validity.
 */
export async function admit<Input extends z.ZodType>(
  { scope, allow, input: shape }: Declared<Input>,
  actor: Actor,
  raw: unknown,
): Promise<{ input: z.output<Input>; sectionId: SectionId | null }> {
  requireAllowed(actor, allow);
  if (scope === 'account') return { input: parseInput(shape, raw), sectionId: null };
  const named = SectionIdSchema.safeParse((raw as { sectionId?: unknown } | null | undefined)?.sectionId);
  if (named.success) await requireSectionAccess(actor, named.data);
  const input = parseInput(shape, raw);
  const { sectionId } = input as { sectionId: SectionId };
  await requireSectionAccess(actor, sectionId);
  return { input, sectionId };
}

/** Turns an error caused by the input into a refusal; rethrows any other error. */
export function refused(error: unknown): Result<never> {
  if (error instanceof Refusal) return { ok: false, refusal: error.toData() };
  if (isUnstorable(error)) return { ok: false, refusal: { code: 'invalid', message: UNSTORABLE } };
  throw error;
}

/**
 * Parses input; the first problem becomes an `invalid` refusal for its field. Text that cannot be stored is refused
 * here for every entry point.
 */
export function parseInput<Shape extends z.ZodType>(shape: Shape, raw: unknown): z.output<Shape> {
  const unstorable = withinStack(() => pathToUnstorable(raw));
  if (unstorable) refuse('invalid', UNSTORABLE, unstorable.length > 0 ? { field: unstorable.join('.') } : {});
  const parsed = withinStack(() => shape.safeParse(raw));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.');
  return refuse('invalid', issue?.message ?? 'The input is not valid.', field ? { field } : {});
}

/** What is nested so deeply that it cannot be read is refused like anything else that is not valid. */
function withinStack<Output>(read: () => Output): Output {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) refuse('invalid', 'This is nested too deeply.');
    throw error;
  }
}

/** Refuses with `not_found` unless the actor has access to the section. */
async function requireSectionAccess(actor: Actor, sectionId: SectionId): Promise<void> {
  const [own] = await accessible(actor, [sectionId]);
  if (own === undefined) refuse('not_found', 'You do not have access to this section.');
}

/** A section's account never changes: cached for the life of the process. */
const accountOfSection = new Map<SectionId, AccountId>();

/** Those of the sections that belong to the actor's account and that the actor may see. */
export async function accessible(actor: Actor, sections: readonly SectionId[]): Promise<SectionId[]> {
  const unknown = sections.filter((id) => !accountOfSection.has(id));
  if (unknown.length > 0) {
    const found = await rows<{ id: SectionId; accountId: AccountId }>(
      pool(),
      sql`select id, account_id as "accountId" from section where id = any(${unknown}::int[])`,
    );
    for (const { id, accountId } of found) accountOfSection.set(id, accountId);
  }
  return sections.filter((id) => accountOfSection.get(id) === actor.accountId && maySeeSection(actor, id));
}
