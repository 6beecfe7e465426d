// API keys: created by Admins for other systems, limited to sections and keyspaces. A secret is shown once.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { actorUserId, type Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { ApiKeyIdSchema, KeyspaceIdSchema, type ApiKeyId, type SectionId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import type { Db } from '@/lib/db/sql';
import { hashSecret } from './callers';
import {
  covers,
  requireCovers,
  requireMayGrantSections,
  sectionsOf,
  visibleSections,
  type Sections,
} from './role-rules';
import { NameSchema, SectionsSchema } from './schema';

const KeyspacesSchema = z.union([z.literal('all'), z.array(KeyspaceIdSchema).min(1, 'Choose at least one keyspace.')]);

/** Creates a key. `{ clientId, secret }`: the secret is only in this answer. */
export const createApiKey = command({
  name: 'api-keys.create',
  secret: true,
  scope: 'account',
  allow: 'admins',
  input: z.object({
    name: NameSchema,
    sections: SectionsSchema,
    keyspaces: KeyspacesSchema,
    canWrite: z.boolean(),
    expiresAt: z.coerce
      .date()
      .refine((date) => date > new Date(), 'Choose a day in the future.')
      .nullable(),
  }),
  run: async ({ prisma, actor, accountId }, { name, sections, keyspaces, canWrite, expiresAt }) => {
    requireMayGrantSections(actor, sections);
    const clientId = randomBytes(16).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const chosen = (ids: 'all' | number[]) => ({
      where: { accountId, id: { in: ids === 'all' ? [] : ids } },
      select: { id: true },
    });
    const ofSections = await prisma.section.findMany(chosen(sections));
    const ofKeyspaces = await prisma.keyspace.findMany(chosen(keyspaces));
    const { id } = await prisma.apiKey.create({
      data: {
        accountId,
        name,
        clientId,
        secretHash: hashSecret(secret),
        canWrite,
        allSections: sections === 'all',
        allKeyspaces: keyspaces === 'all',
        createdBy: actorUserId(actor),
        expiresAt,
        sections: { createMany: { data: ofSections.map((section) => ({ sectionId: section.id })) } },
        keyspaces: { createMany: { data: ofKeyspaces.map((keyspace) => ({ keyspaceId: keyspace.id })) } },
      },
      select: { id: true },
    });
    return { id, clientId, secret };
  },
  audit: ({ name, canWrite }, { id, clientId }) => ({
    summary: `Created the API key “${name}”`,
    subject: `api-key:${id}`,
    details: { clientId, canWrite },
  }),
});

/** Revokes a key permanently: calls with its tokens are refused from now on. */
export const revokeApiKey = command({
  name: 'api-keys.revoke',
  scope: 'account',
  allow: 'admins',
  input: z.object({ apiKeyId: ApiKeyIdSchema }),
  run: async ({ prisma, actor, accountId }, { apiKeyId }) => {
    const key = await prisma.apiKey.findFirst({ where: { id: apiKeyId, accountId }, select: ACCESS });
    if (key) requireCovers(actor, sectionsOfKey(key), 'api-key');
    const [revoked] = await prisma.apiKey.updateManyAndReturn({
      where: { id: apiKeyId, accountId, revokedAt: null },
      data: { revokedAt: new Date() },
      select: { name: true },
    });
    return revoked ?? refuse('not_found', 'This API key has already been revoked.');
  },
  audit: ({ apiKeyId }, { name }) => ({ summary: `Revoked the API key “${name}”`, subject: `api-key:${apiKeyId}` }),
});

const ACCESS = {
  allSections: true,
  sections: { orderBy: { section: { name: 'asc' } }, select: { section: { select: { id: true, name: true } } } },
} as const;

type KeyAccess = { allSections: boolean; sections: { section: { id: number } }[] };

const sectionsOfKey = ({ allSections, sections }: KeyAccess): Sections =>
  allSections ? 'all' : sections.map(({ section }) => section.id as SectionId);

export type ApiKeyView = {
  id: ApiKeyId;
  name: string;
  clientId: string;
  canWrite: boolean;
  /** Names of those that the viewer can access; null: all. */
  sections: string[] | null;
  /** There are sections that the viewer cannot access. */
  hasOtherSections: boolean;
  /** Names; null: all. */
  keyspaces: string[] | null;
  createdAt: Date;
  createdBy: string | null;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** Its last day has passed. */
  ended: boolean;
  mayRevoke: boolean;
};

/** The keys of the actor's account that have a section of theirs, newest first; revoked ones last. */
export async function listApiKeys(db: Db, actor: Actor): Promise<ApiKeyView[]> {
  const found = await prismaOn(db).apiKey.findMany({
    where: { accountId: actor.accountId },
    orderBy: { id: 'desc' },
    select: {
      ...ACCESS,
      id: true,
      name: true,
      clientId: true,
      canWrite: true,
      allKeyspaces: true,
      createdAt: true,
      expiresAt: true,
      lastUsedAt: true,
      revokedAt: true,
      creator: { select: { name: true } },
      keyspaces: { orderBy: { keyspaceId: 'asc' }, select: { keyspace: { select: { name: true } } } },
    },
  });
  const now = new Date();
  const keys = found.flatMap(({ allSections, allKeyspaces, sections, keyspaces, creator, ...key }) => {
    const all = sectionsOfKey({ allSections, sections });
    const visible = visibleSections(actor, all);
    if (!visible) return [];
    const seen = visible.sections;
    return {
      ...key,
      sections:
        seen === 'all' ? null : sections.flatMap(({ section: { id, name } }) => (seen.includes(id) ? name : [])),
      hasOtherSections: visible.hasOthers,
      keyspaces: allKeyspaces ? null : keyspaces.map(({ keyspace }) => keyspace.name),
      createdBy: creator?.name ?? null,
      ended: key.expiresAt !== null && key.expiresAt <= now,
      mayRevoke: key.revokedAt === null && covers(sectionsOf(actor), all),
    };
  });
  return [...keys.filter(({ revokedAt }) => !revokedAt), ...keys.filter(({ revokedAt }) => revokedAt)];
}
