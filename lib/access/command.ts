// The one way to change anything. Declaring a command gives it validation, the permission check, the transaction, the
// audit entry, one effect per request id, and typed refusals. A command that does not declare who may run it does not
// compile.
import { z } from 'zod';
import { recordAudit } from '@/lib/audit/record';
import { seal, unseal } from '@/lib/config/seal';
import type { AccountId, SectionId } from '@/lib/db/ids';
import { RACE_CODES, transaction } from '@/lib/db/pool';
import { prismaOn, type Models } from '@/lib/db/prisma';
import { execute, maybeOne, sql, type Tx } from '@/lib/db/sql';
import { actorKey, actorUserId, type Actor } from './actor';
import { admit, answered, declarations, type Declared, type SectionInput } from './declared';
import type { Allowed } from './policy';
import { refuse, type Result } from './refusal';

/**
 * What a command's body gets. `prisma`: the models, in the transaction `tx`. `accountId`: the actor's account.
 * `signal`: aborted when the caller disconnects. The body runs in one transaction, which is retried after a conflict
 * with another writer, up to four runs in all (`transaction`). So it has no effects outside `tx` and makes no network
 * call (HTTP, mail): it records what to send, and a worker sends it after the commit.
 */
export type CommandContext = {
  tx: Tx;
  prisma: Models;
  actor: Actor;
  accountId: AccountId;
  signal?: AbortSignal;
};

/** What a command writes to the audit log; null if nothing changed. */
export type AuditLine = { summary: string; subject?: string; details?: unknown } | null;

type Declaration<Input extends z.ZodType, Output> = Declared<Input> & {
  run: (context: CommandContext, input: z.output<Input>) => Promise<Output>;
  audit: (input: z.output<Input>, output: Output) => AuditLine;
  /**
   * Does the work in one statement, which is its own transaction, possibly batched with other calls. Returns undefined
   * if that is not enough: then nothing was done, and `run` does it. Only for commands without an audit entry; not used
   * for calls with a request id.
   */
  atOnce?: (context: Omit<CommandContext, 'tx' | 'prisma'>, input: z.output<Input>) => Promise<Output | undefined>;
  /** The answer contains a secret: the copy stored for repeated requests is encrypted. */
  secret?: true;
};

/** A declared command: call it with the actor and the raw input. */
export type Command<Output> = {
  (actor: Actor, input: unknown, options?: CommandOptions): Promise<Result<Output>>;
  commandName: string;
  scope: 'section' | 'account';
  allow: Allowed;
};

export type CommandOptions = {
  /** Chosen by the sender, once per intent: repeating it returns the first answer and changes nothing. */
  requestId?: string;
  /**
   * The content of the request, if the command's input alone does not identify it: the same request id with another
   * fingerprint is refused.
   */
  fingerprint?: string;
  /** Aborted when the caller disconnects: a body that waits for something other than the database gives up. */
  signal?: AbortSignal;
};

/** Declares a command. `scope: 'section'`: the input has a `sectionId`, to which the actor must have access. */
export function command<Input extends SectionInput, Output>(
  declaration: Declaration<Input, Output> & { scope: 'section' },
): Command<Output>;
export function command<Input extends z.ZodType, Output>(
  declaration: Declaration<Input, Output> & { scope: 'account' },
): Command<Output>;
export function command<Input extends z.ZodType, Output>(declaration: Declaration<Input, Output>): Command<Output> {
  const { name, scope, allow } = declaration;
  const invoke = (actor: Actor, raw: unknown, options: CommandOptions = {}): Promise<Result<Output>> =>
    answered('command', name, actor, async () => {
      const { input, sectionId } = await admit(declaration, actor, raw);
      if (declaration.atOnce && !options.requestId) {
        const done = await declaration.atOnce({ actor, accountId: actor.accountId }, input);
        if (done !== undefined) return done;
      }
      return transaction(async (tx) => {
        const intent = options.fingerprint ? `${name}#${options.fingerprint}` : name;
        const earlier = await claimRequest(tx, actor, intent, options.requestId);
        if (earlier) return readAnswer(earlier.answer) as Output;
        const { signal } = options;
        const output = await declaration.run(
          { tx, prisma: prismaOn(tx), actor, accountId: actor.accountId, signal },
          input,
        );
        await writeAudit(tx, actor, sectionId, name, declaration.audit(input, output));
        if (options.requestId) {
          await keepAnswer(tx, actor, options.requestId, declaration.secret ? sealed(output) : output);
        }
        return output;
      }, RACE_CODES);
    });
  declarations.push({ kind: 'command', name, scope, allow, call: invoke });
  return Object.assign(invoke, { commandName: name, scope, allow });
}

/** Claims the request id, or finds its stored answer. A concurrent repeat waits for the first. */
async function claimRequest(tx: Tx, actor: Actor, intent: string, requestId: string | undefined) {
  if (!requestId) return undefined;
  const taken = await execute(
    tx,
    sql`
      insert into command_receipt (account_id, request_id, actor, command)
      values (${actor.accountId}, ${requestId}, ${actorKey(actor)}, ${intent})
      on conflict do nothing`,
  );
  if (taken > 0) return undefined;
  const earlier = await maybeOne<{ actor: string; command: string; answer: unknown }>(
    tx,
    sql`select actor, command, answer from command_receipt
        where account_id = ${actor.accountId} and request_id = ${requestId}`,
  );
  if (earlier?.actor !== actorKey(actor) || earlier.command !== intent) {
    refuse(
      'conflict',
      actor.kind === 'client'
        ? 'This Idempotency-Key was used for another call. Use a new one for each call that is meant to have an effect.'
        : 'This request id was already used for something else. Reload the page and try again.',
    );
  }
  return earlier;
}

const sealed = (output: unknown) => ({ sealed: seal(asText(output)).toString('base64') });

const Sealed = z.strictObject({ sealed: z.string() });
const Dated = z.strictObject({ $date: z.iso.datetime() });

/** An answer as JSON that distinguishes dates from strings. */
function asText(output: unknown): string {
  const dated = function (this: Record<string, unknown>, key: string, value: unknown) {
    const raw = this[key];
    return raw instanceof Date ? { $date: raw.toISOString() } : value;
  };
  return JSON.stringify(output ?? null, dated);
}

/** The stored answer, as first given. */
function readAnswer(answer: unknown): unknown {
  const kept = Sealed.safeParse(answer);
  const text = kept.success ? unseal(Buffer.from(kept.data.sealed, 'base64')) : JSON.stringify(answer);
  return JSON.parse(text, (_key, value: unknown) => {
    const dated = Dated.safeParse(value);
    return dated.success ? new Date(dated.data.$date) : value;
  });
}

async function keepAnswer(tx: Tx, actor: Actor, requestId: string, output: unknown): Promise<void> {
  await execute(
    tx,
    sql`update command_receipt set answer = ${asText(output)}
        where account_id = ${actor.accountId} and request_id = ${requestId}`,
  );
}

async function writeAudit(tx: Tx, actor: Actor, sectionId: SectionId | null, name: string, line: AuditLine) {
  if (!line) return;
  await recordAudit(tx, {
    accountId: actor.accountId,
    sectionId,
    actorKind: actor.kind,
    userId: actorUserId(actor),
    actorName: actor.name,
    command: name,
    ...line,
    ip: actor.from.ip,
    userAgent: actor.from.userAgent,
  });
}
