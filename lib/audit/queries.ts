// Reads of the audit log, for Admins only; the caller checks this.
import type { AccountId, SectionId, UserId } from '@/lib/db/ids';
import { prismaOn, type Prisma } from '@/lib/db/prisma';
import type { Db } from '@/lib/db/sql';

export type AuditRow = {
  id: number;
  at: Date;
  actorName: string;
  command: string;
  summary: string;
  subject: string | null;
  section: string | null;
  ip: string | null;
};

/** The filter. `from` and `to`: days 'YYYY-MM-DD' in UTC, inclusive. */
export type AuditFilter = { text?: string; userId?: number; from?: string; to?: string };

/**
 * Only entries of these sections, and those of no section that are about one of the subjects or, without a subject,
 * were caused by one of the people or by Tagwell itself.
 */
export type AuditLimit = { sections: SectionId[]; subjects: string[]; people: UserId[] };

/** The place of an entry in the log: sample data and imported history may be written later than they happened. */
export type AuditPlace = Pick<AuditRow, 'at' | 'id'>;

/** Entries of the log, newest first. `before`: only those that come after this one; `within`: only these. */
export async function listAudit(
  db: Db,
  accountId: AccountId,
  filter: AuditFilter,
  { before, limit, within }: { before?: AuditPlace; limit: number; within?: AuditLimit },
): Promise<AuditRow[]> {
  const prisma = prismaOn(db);
  const entries = await prisma.auditEntry.findMany({
    where: {
      accountId,
      ...conditions(filter),
      AND: [...(before ? olderThan(before) : []), ...(within ? [{ OR: limitedTo(within) }] : [])],
    },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: limit,
    select: {
      id: true,
      at: true,
      actorName: true,
      command: true,
      summary: true,
      subject: true,
      ip: true,
      sectionId: true,
    },
  });
  const sections = await prisma.section.findMany({
    where: { id: { in: entries.flatMap(({ sectionId }) => sectionId ?? []) } },
    select: { id: true, name: true },
  });
  const names = new Map(sections.map(({ id, name }) => [id, name]));
  return entries.map(({ id, sectionId, ...entry }) => ({
    ...entry,
    id: Number(id),
    section: sectionId === null ? null : (names.get(sectionId) ?? null),
  }));
}

/** 'Not newer' bounds the range in the index; the rest settles ties. */
const olderThan = ({ at, id }: AuditPlace): Prisma.AuditEntryWhereInput[] => [
  { at: { lte: at } },
  { OR: [{ at: { lt: at } }, { id: { lt: id } }] },
];

function limitedTo({ sections, subjects, people }: AuditLimit): Prisma.AuditEntryWhereInput[] {
  return [
    { sectionId: { in: sections } },
    { sectionId: null, subject: { in: subjects } },
    { sectionId: null, subject: null, OR: [{ userId: { in: people } }, { actorKind: 'system' }] },
  ];
}

const DAY_MS = 86_400_000;

function conditions({ text, userId, from, to }: AuditFilter): Prisma.AuditEntryWhereInput {
  const like = text && ({ contains: text.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' } as const);
  return {
    ...(like && { OR: [{ summary: like }, { command: like }, { actorName: like }] }),
    ...(userId && { userId }),
    at: { ...(from && { gte: new Date(from) }), ...(to && { lt: new Date(Date.parse(to) + DAY_MS) }) },
  };
}
