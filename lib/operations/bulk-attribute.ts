// The value of an attribute on many profiles at once: previewed, in steps, undoable.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { isBlank } from '@/lib/attributes/blank';
import { displayValue } from '@/lib/attributes/display';
import type { Attribute, AttributeValue } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import { asParameter } from '@/lib/db/as-parameter';
import { AttributeIdSchema, SectionIdSchema, type AttributeId, type SectionId } from '@/lib/db/ids';
import { execute, maybeOne, one, sql, type Db, type Sql } from '@/lib/db/sql';
import { changingPeople } from '@/lib/flows/through-segments';
import { changeProfiles } from '@/lib/profiles/change';
import { followsKey } from '@/lib/profiles/keys';
import { operationKind, type OperationStep } from '@/lib/work/kind';
import { addCounts } from '@/lib/work/schema';
import { startOperation } from '@/lib/work/start';
import { shortened } from '@/lib/text/shortened';
import {
  BulkInput,
  BulkSelectionSchema,
  chosenProfiles,
  fixSelection,
  listChosen,
  nextChosen,
  readBatch,
  startSelection,
} from './selection';

const STEP = 10_000;

/** `value`: as typed; blank text clears the value. */
export const BulkValueSchema = z.object({
  selection: BulkSelectionSchema,
  attributeId: AttributeIdSchema,
  value: z.string().max(5_000),
});

const StepInput = BulkInput.extend({
  attributeId: AttributeIdSchema,
  /** Null clears. */
  value: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  startsFlows: z.boolean().default(true),
});

export const bulkAttributeKind = operationKind({
  kind: 'bulk_attribute',
  input: StepInput,
  undoable: true,
  cancellable: true,
  retryable: true,
  listed: true,
  words: {
    name: 'Bulk attribute changes',
    counts: [
      ['profiles', 'profiles processed'],
      ['changed', 'profiles changed'],
    ],
  },
  step: (tx, operation) => attributeStep(tx, operation),
});

/** Of the chosen `profiles`: how many have the value already, none, or another one. */
export type BulkValuePreview = { profiles: number; same: number; empty: number; other: number };

/** The effect of setting a value: exact at the moment. Refuses what `setBulkAttribute` refuses. */
export async function previewBulkValue(
  db: Db,
  sectionId: SectionId,
  { selection: chosen, attributeId, value }: z.output<typeof BulkValueSchema>,
): Promise<BulkValuePreview> {
  const attribute = await openAttribute(db, sectionId, attributeId);
  const wanted = parsed(attribute, value);
  const profiles = await chosenProfiles(db, sectionId, await fixSelection(db, sectionId, chosen));
  const counted = await one<Omit<BulkValuePreview, 'other'>>(
    db,
    // 'offset 0': the value is taken out once for each profile, not once for each count.
    sql`
      select count(*) as profiles, count(*) filter (where stored = ${asJson(wanted)}) as same,
        count(*) - count(stored) as empty
      from (
        select nullif(profile.attributes -> ${attribute.code}::text, '""') as stored
        from (${profiles}) chosen
        join profile on profile.section_id = ${sectionId} and profile.id = chosen.profile_id
        offset 0
      ) compared`,
  );
  return { ...counted, other: counted.profiles - counted.same - counted.empty };
}

const asJson = (value: AttributeValue | null): Sql =>
  value === null ? sql`null::jsonb` : sql`${JSON.stringify(value)}::jsonb`;

/** Starts setting, or clearing, the value: `{ operationId }` gives its progress and can be undone. */
export const setBulkAttribute = command({
  name: 'profiles.bulk-set-attribute',
  scope: 'section',
  allow: 'everyone',
  input: BulkValueSchema.extend({ sectionId: SectionIdSchema, startsFlows: z.boolean().default(true) }),
  run: async ({ tx, actor }, { sectionId, selection: chosen, attributeId, value: typed, startsFlows }) => {
    const attribute = await openAttribute(tx, sectionId, attributeId, sql`for key share`);
    const value = parsed(attribute, typed);
    const { selection, total, until } = await startSelection(tx, sectionId, chosen);
    const summary = inWords(attribute, value, total);
    const operationId = await startOperation(tx, bulkAttributeKind, {
      sectionId,
      summary,
      input: { selection, until, listed: true, attributeId, value, startsFlows },
      total,
      userId: actorUserId(actor),
    });
    await listChosen(tx, sectionId, operationId);
    return { operationId, summary, total };
  },
  audit: ({ attributeId }, { operationId, summary }) => ({
    summary,
    subject: `operation:${operationId}`,
    details: { attributeId },
  }),
});

type Opened = Pick<Attribute, 'id' | 'code' | 'name' | 'type' | 'choices' | 'system'>;

/** `lock`: until the transaction ends, it is not hidden, and none of its choices is removed. */
async function openAttribute(db: Db, sectionId: SectionId, id: AttributeId, lock: Sql = sql``): Promise<Opened> {
  const attribute = await maybeOne<Opened & { hidden: boolean }>(
    db,
    sql`
      select id, code, name, type, choices, system, hidden_at is not null as hidden
      from attribute
      where section_id = ${sectionId} and id = ${id}
      ${lock}`,
  );
  if (!attribute) {
    return refuse('not_found', 'This attribute does not exist in this section.', { field: 'attributeId' });
  }
  if (attribute.hidden) {
    refuse('hidden', `The attribute “${attribute.name}” has been hidden. Choose another one.`, {
      field: 'attributeId',
    });
  }
  if (attribute.system && followsKey(attribute.code)) {
    refuse('invalid', `${attribute.name} follows a key of the profile, so it cannot be set on several at once.`, {
      field: 'attributeId',
    });
  }
  return attribute;
}

/** What somebody has typed as a value of the attribute; null clears it. Refuses what `setBulkAttribute` refuses. */
export async function readValue(
  db: Db,
  sectionId: SectionId,
  attributeId: AttributeId,
  typed: string,
): Promise<AttributeValue | null> {
  return parsed(await openAttribute(db, sectionId, attributeId), typed);
}

/** The typed value, or null for blank text. Refuses with what is wrong. */
function parsed(attribute: Opened, text: string): AttributeValue | null {
  if (isBlank(text)) return null;
  const value = parseAttributeValue(attribute, text);
  return value.ok ? value.value : refuse('invalid', `${value.reason}.`, { field: 'value' });
}

function inWords({ name, type }: Opened, value: AttributeValue | null, total: number): string {
  const profiles = `${total.toLocaleString('en-GB')} ${total === 1 ? 'profile' : 'profiles'}`;
  return value === null
    ? `Clear ${name}: ${profiles}`
    : `Set ${name} to “${shortened(displayValue(type, value), 60)}”: ${profiles}`;
}

const attributeStep: OperationStep<z.output<typeof StepInput>> = async (tx, operation) => {
  const { sectionId, userId, cursor } = operation;
  const { selection, until, listed, attributeId, value, startsFlows } = operation.input;
  const { name, code, type, choices } = await openAttribute(tx, sectionId, attributeId, sql`for key share`);
  if (type === 'choice' && value !== null && !choices.includes(String(value))) {
    refuse('invalid', `“${value}” is no longer one of the choices of ${name}. What was done so far stays.`);
  }
  const { last, found } = await readBatch(tx, await nextChosen(tx, sectionId, selection), {
    operation,
    until,
    listed,
    limit: STEP,
  });
  const batch = await asParameter(tx, sql`select profile_id from bulk_batch`, sql`profile_id bigint`);
  // Writers of these profiles wait from here on; the next statement sees what they wrote before.
  await execute(
    tx,
    sql`
      select from profile
      where section_id = ${sectionId} and id in (select profile_id from (${batch}) batch)
      order by id
      for no key update`,
  );
  const cause = { sectionId, source: 'bulk' as const, userId, operationId: operation.id, startsFlows };
  const { changed } = await changingPeople(tx, cause, sql`select profile_id from bulk_batch`, () =>
    changeProfiles(tx, cause, {
      values: sql`select profile_id, ${JSON.stringify({ [code]: value })}::jsonb as attributes from bulk_batch`,
    }),
  );
  return {
    cursor: last ?? cursor,
    progress: operation.progress + found,
    counts: addCounts(operation.counts, { profiles: found, changed }),
    done: found < STEP,
  };
};
