// The parts of Home: of each subject what happened last, and what needs a person.
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import type { Db } from '@/lib/db/sql';
import { listFlows, type FlowRow } from '@/lib/flows/queries';
import { listForms, type FormRow } from '@/lib/forms/queries';
import { listImports } from '@/lib/imports/queries';
import type { ImportView } from '@/lib/imports/schema';
import { troubleTitle } from '@/lib/integrations/trouble-words';
import { listConnections, type ConnectionRow } from '@/lib/integrations/views';
import { messageNotices } from '@/lib/messages/approval';
import { listMessages, type ListedMessage } from '@/lib/messages/queries';
import { segmentsNeedingAttention } from '@/lib/segments/attention';
import { listOperations, type ListedOperation } from '@/lib/activity/queries';
import { LINES, type Attention, type Part } from './schema';

const WEEK_MS = 7 * 86_400_000;
/** Of imports and other work, so many of the newest are looked at for what failed. */
const LOOKED_AT = 50;
/** More of one kind than this are not listed one by one. */
const MESSAGES_LOOKED_AT = 200;

const isRecent = (at: Date, now: Date): boolean => now.getTime() - at.getTime() < WEEK_MS;

const persons = (count: number): string => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);

/** The last imports. An import that stopped in the last week needs a person. */
export async function importPart(db: Db, sectionId: SectionId, now: Date): Promise<Part<ImportView>> {
  const found = await listImports(db, sectionId, LOOKED_AT);
  const stopped = found.filter(
    ({ operationStatus, undoneBy, createdAt }) =>
      operationStatus === 'failed' && undoneBy === null && isRecent(createdAt, now),
  );
  return {
    latest: found.slice(0, LINES),
    attention: stopped.map(({ id, fileName, error }) => ({
      key: `import ${id}`,
      title: `The import of “${fileName}” stopped`,
      reason: error ?? 'It did not come to its end.',
      path: `/imports/${id}`,
    })),
  };
}

/** The messages that went out last. Needing a person: paused by Tagwell, referring to something hidden, or waiting for their word. */
export async function messagePart(db: Db, actor: UserActor, sectionId: SectionId): Promise<Part<ListedMessage>> {
  // One after the other: within a time limit, all of them have the same connection.
  const latest = await listMessages(db, sectionId, { filter: 'sent', search: '', order: 'started', limit: LINES });
  const open = await listMessages(db, sectionId, { filter: 'open', search: '', limit: MESSAGES_LOOKED_AT });
  const notices = await messageNotices(db, actor, sectionId);
  const waiting = notices.filter(({ kind }) => kind === 'asked' || kind === 'choice');
  const asked = new Set(waiting.map(({ messageId }) => messageId));
  const attention: Attention[] = waiting.map(({ kind, messageId, name, by }) => ({
    key: `message ${messageId}`,
    title: kind === 'asked' ? `“${name}” waits for your approval` : `Choose a variant of “${name}”`,
    reason:
      kind === 'asked' ? (by === null ? 'The API asked for it.' : `${by} asked for it.`) : 'Its A/B test has ended.',
    path: `/messages/${messageId}`,
  }));
  for (const { id, name, send, attention: reasons } of open) {
    if (asked.has(id)) continue;
    const stopped = send?.status === 'paused' && send.pauseKind !== 'person' && send.pauseKind !== 'choice';
    if (!stopped && reasons.length === 0) continue;
    attention.push({
      key: `message ${id}`,
      title: stopped ? `“${name}” has been paused` : `The message “${name}” needs attention`,
      reason: reasons[0] ?? send?.pauseReason ?? 'Somebody has to decide whether it goes on.',
      path: `/messages/${id}`,
    });
  }
  return { latest, attention };
}

/** The forms that people filled in last. Needing a person: what refers to something hidden, and submissions that wait. */
export async function formPart(db: Db, sectionId: SectionId, now: Date): Promise<Part<FormRow>> {
  const found = await listForms(db, sectionId, { search: '', deleted: false, now });
  const used = found.filter(({ lastAt }) => lastAt !== null);
  return {
    latest: used.toSorted((left, right) => right.lastAt!.getTime() - left.lastAt!.getTime()).slice(0, LINES),
    attention: found.flatMap(({ id, name, attention, failed, quarantined }) => {
      const key = `form ${id}`;
      if (attention.length > 0)
        return [{ key, title: `The form “${name}” needs attention`, reason: attention[0]!, path: `/forms/${id}` }];
      if (failed + quarantined === 0) return [];
      const reason = [
        ...(quarantined > 0
          ? [`${quarantined.toLocaleString('en-GB')} look like spam: let them in or remove them.`]
          : []),
        ...(failed > 0 ? [`${failed.toLocaleString('en-GB')} could not be taken in.`] : []),
      ].join(' ');
      return [{ key, title: `Submissions of “${name}” wait for you`, reason, path: `/forms/${id}/submissions` }];
    }),
  };
}

/** The flows that run, those with most people first. Needing a person: what refers to something hidden, and people at a failed step. */
export async function flowPart(db: Db, sectionId: SectionId): Promise<Part<FlowRow>> {
  const found = await listFlows(db, sectionId, { search: '', deleted: false });
  const running = found.filter(({ state }) => state === 'live');
  return {
    latest: running.toSorted((left, right) => right.inside - left.inside).slice(0, LINES),
    attention: found.flatMap(({ id, name, state, attention, failed }) => {
      const key = `flow ${id}`;
      if (attention.length > 0 && state !== 'draft')
        return [{ key, title: `The flow “${name}” needs attention`, reason: attention[0]!, path: `/flows/${id}` }];
      if (failed === 0) return [];
      const reason = failed === 1 ? 'A step failed for 1 person.' : `A step failed for ${persons(failed)}.`;
      return [{ key, title: `The flow “${name}”: a step failed`, reason, path: `/flows/${id}` }];
    }),
  };
}

/** The connections, those that need a person first, as Admins see them. */
export async function connectionPart(db: Db, sectionId: SectionId): Promise<Part<ConnectionRow>> {
  const found = await listConnections(db, sectionId);
  return {
    latest: found.slice(0, LINES),
    attention: found.flatMap(({ id, trouble }) => {
      if (trouble === null) return [];
      const page = `/settings/integrations/${id}`;
      const path = trouble.runId === null ? page : `${page}/runs/${trouble.runId}`;
      return [{ key: `connection ${id}`, title: troubleTitle(trouble), reason: trouble.reason, path }];
    }),
  };
}

/** The segments that cannot be used until somebody has fixed them. */
export async function segmentAttention(db: Db, sectionId: SectionId): Promise<Attention[]> {
  const reasons = await segmentsNeedingAttention(db, sectionId);
  if (reasons.size === 0) return [];
  const named = await prismaOn(db).segment.findMany({
    where: { sectionId, id: { in: [...reasons.keys()] } },
    select: { id: true, name: true },
    orderBy: { nameKey: 'asc' },
  });
  return named.map(({ id, name }) => ({
    key: `segment ${id}`,
    title: `The segment “${name}” needs attention`,
    reason: reasons.get(id)![0]!,
    path: `/segments/${id}`,
  }));
}

/** Other long work that failed in the last week, unless it succeeded since under the same name. Imports speak for themselves. */
export async function workAttention(db: Db, sectionId: SectionId, now: Date): Promise<Attention[]> {
  const found = await listOperations(db, sectionId, { limit: LOOKED_AT });
  return found.flatMap(({ id, kind, summary, status, error, finishedAt }) => {
    const stopped = status === 'failed' && finishedAt !== null && isRecent(finishedAt, now) && !OF_OTHERS.has(kind);
    const repeated = stopped && found.some((other) => isLaterSuccess(other, { id, summary }));
    if (!stopped || repeated) return [];
    return [
      {
        key: `work ${id}`,
        title: `“${summary}” stopped`,
        reason: error ?? 'It did not come to its end.',
        path: `/activity/${id}`,
      },
    ];
  });
}

/** Kinds that other parts of Home report. */
const OF_OTHERS: ReadonlySet<string> = new Set(['import', 'sync', 'sync_dry_run']);

const isLaterSuccess = (other: ListedOperation, { id, summary }: Pick<ListedOperation, 'id' | 'summary'>): boolean =>
  other.id > id && other.summary === summary && other.status === 'done';
