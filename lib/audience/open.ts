// Opens an audience: looks up what was chosen, and refuses it if one of them is hidden, gone or needs attention. Nothing
// is counted or sent without that, so that somebody who is to be excluded never gets a message because a tag was hidden.
import { refuse } from '@/lib/access/refusal';
import type { Channel } from '@/lib/consents/schema';
import type { KeyspaceId, MessageId, SectionId, SegmentId } from '@/lib/db/ids';
import { rows, sql, type Db } from '@/lib/db/sql';
import { openSegments } from '@/lib/segments/definitions';
import type { Definitions } from '@/lib/segments/evaluation';
import { lookUp, problemOf } from '@/lib/segments/lookup';
import type { Condition, Group } from '@/lib/segments/schema';
import { tooLarge, wholeSize } from '@/lib/segments/whole-size';
import { KEY_OF_CHANNEL } from '@/lib/suppression/schema';
import { isSamePart, type Audience, type AudiencePart, type LostPart } from './schema';

/** An audience with what it refers to. `keyspaces`: where addresses are. */
export type OpenAudience = {
  audience: Audience;
  definitions: Definitions;
  keyspaces: Record<Channel, KeyspaceId>;
};

const NOTHING: Definitions = { attributes: new Map(), events: new Map(), segments: new Map() };

/**
 * Opens an audience. Refuses with `hidden`, `not_found` or `invalid` if something of it cannot be used, with the reason; `details.lost` has all of them (`LostPart[]`).
 */
export async function openAudience(db: Db, sectionId: SectionId, audience: Audience): Promise<OpenAudience> {
  const { lost, definitions } = await lookUpParts(db, sectionId, audience);
  const [first] = lost;
  if (first) {
    const advice = audience.exclude.some((part) => isSamePart(part, first.part))
      ? 'Exclude something else instead, or remove it.'
      : 'Choose something else instead, or remove it.';
    refuse(first.code, `${first.reason} ${advice}`, {
      field: 'audience',
      details: { lost: lost.map(plain) },
    });
  }
  const large = tooLarge(wholeSize(groupOf(partsOf(audience)), definitions.segments));
  if (large) refuse('invalid', `These segments cannot be used together: ${large}.`, { field: 'audience' });
  return { audience, definitions, keyspaces: await addressKeyspaces(db, sectionId) };
}

/** What was chosen and cannot be used, in the order in which they were chosen. */
export async function lostPartsOf(db: Db, sectionId: SectionId, audience: Audience): Promise<LostPart[]> {
  const { lost } = await lookUpParts(db, sectionId, audience);
  return lost.map(plain);
}

type Lost = LostPart & { code: 'hidden' | 'not_found' | 'invalid' };

const plain = ({ part, name, reason }: Lost): LostPart => ({ part, name, reason });

async function lookUpParts(
  db: Db,
  sectionId: SectionId,
  audience: Audience,
): Promise<{ lost: Lost[]; definitions: Definitions }> {
  const parts = partsOf(audience);
  const segmentIds = parts.flatMap((part) => (part.kind === 'segment' ? [part.id] : []));
  const { opened, reasons } = await openSegments(db, sectionId, segmentIds);
  const usable = new Set(opened.map(({ id }) => id));
  const names = await segmentNames(db, sectionId, [...reasons.keys()]);
  const tags = parts.filter((part) => part.kind === 'tag');
  const known = await lookUp(db, sectionId, [{ root: groupOf(tags) }]);
  const messages = await existingMessages(db, sectionId, parts);
  const lost = parts.flatMap((part): Lost[] => {
    if (part.kind === 'tag') {
      const problem = problemOf(conditionOf(part), { ...known, segments: NOTHING.segments });
      const code = problem?.code === 'hidden' ? 'hidden' : 'not_found';
      return problem ? [{ part, code, name: known.tags.get(part.id)?.name ?? null, reason: problem.reason }] : [];
    }
    if (part.kind === 'message') {
      const reason = 'A message that was chosen does not exist in this section.';
      return messages.has(part.id) ? [] : [{ part, code: 'not_found', name: null, reason }];
    }
    const name = names.get(part.id);
    if (name !== undefined) {
      const reason = `The segment “${name}” needs attention: ${reasons.get(part.id)!.join(' ')}`;
      return [{ part, code: 'invalid', name, reason }];
    }
    const gone = 'A segment that was chosen does not exist any more.';
    return usable.has(part.id) ? [] : [{ part, code: 'not_found', name: null, reason: gone }];
  });
  return { lost, definitions: opened[0]?.definitions ?? NOTHING };
}

async function segmentNames(db: Db, sectionId: SectionId, ids: readonly SegmentId[]): Promise<Map<SegmentId, string>> {
  if (ids.length === 0) return new Map();
  const found = await rows<{ id: SegmentId; name: string }>(
    db,
    sql`select id, name from segment where section_id = ${sectionId} and id = any(${ids}::int[])`,
  );
  return new Map(found.map(({ id, name }) => [id, name]));
}

/** Of deleted messages too: who got them got them. */
async function existingMessages(
  db: Db,
  sectionId: SectionId,
  parts: readonly AudiencePart[],
): Promise<ReadonlySet<MessageId>> {
  const ids = parts.flatMap((part) => (part.kind === 'message' ? [part.id] : []));
  if (ids.length === 0) return new Set();
  const found = await rows<{ id: MessageId }>(
    db,
    sql`select id from message where section_id = ${sectionId} and id = any(${ids}::int[])`,
  );
  return new Set(found.map(({ id }) => id));
}

const partsOf = ({ include, exclude }: Audience): AudiencePart[] => [...include, ...exclude];

/** A condition of rules. */
export const conditionOf = (part: Extract<AudiencePart, { kind: 'tag' | 'segment' }>): Condition =>
  part.kind === 'tag'
    ? { kind: 'tag', tagId: part.id, test: 'has', source: null, when: { kind: 'ever' }, holderId: null }
    : { kind: 'segment', segmentId: part.id, test: 'in' };

const groupOf = (parts: readonly AudiencePart[]): Group => ({
  kind: 'group',
  match: 'any',
  items: parts.flatMap((part) => (part.kind === 'message' ? [] : [conditionOf(part)])),
});

/** The account's keyspaces of addresses. Looked up beforehand, so that a statement names them, and its plan is made for them. */
async function addressKeyspaces(db: Db, sectionId: SectionId): Promise<Record<Channel, KeyspaceId>> {
  const found = await rows<{ kind: string; id: KeyspaceId }>(
    db,
    sql`
      select keyspace.kind, keyspace.id from keyspace join section using (account_id)
      where section.id = ${sectionId} and keyspace.kind = any(${Object.values(KEY_OF_CHANNEL)}::text[])`,
  );
  const of = (channel: Channel) => found.find(({ kind }) => kind === KEY_OF_CHANNEL[channel])!.id;
  return { email: of('email'), sms: of('sms') };
}
