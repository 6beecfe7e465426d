// API keys: created by Admins for other systems, limited to sections and keyspaces. A secret is shown once.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { ApiKeyIdSchema, KeyspaceIdSchema, type AccountId, type ApiKeyId } from '@/lib/db/ids';
import { prismaOn } from '@/lib/db/prisma';
import type { Db } from '@/lib/db/sql';
import { hashSecret } from './callers';
import { NameSchema, SectionsSchema } from './schema';
import { requireMayGrantSections } from './users';

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

/** Revokes a key for good: calls with its tokens are refused from now on. */
export const revokeApiKey = command({
  name: 'api-keys.revoke',
  scope: 'account',
  allow: 'admins',
  input: z.object({ apiKeyId: ApiKeyIdSchema }),
  run: async ({ prisma, accountId }, { apiKeyId }) => {
    const [revoked] = await prisma.apiKey.updateManyAndReturn({
      where: { id: apiKeyId, accountId, revokedAt: null },
      data: { revokedAt: new Date() },
      select: { name: true },
    });
    return revoked ?? refuse('not_found', 'This API key has already been revoked.');
  },
  audit: ({ apiKeyId }, { name }) => ({ summary: `Revoked the API key “${name}”`, subject: `api-key:${apiKeyId}` }),
});

export type ApiKeyView = {
  id: ApiKeyId;
  name: string;
  clientId: string;
  canWrite: boolean;
  /** Names; null: all. */
  sections: string[] | null;
  keyspaces: string[] | null;
  createdAt: Date;
  createdBy: string | null;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** Its last day has passed. */
  ended: boolean;
};

/** The account's keys, newest first; revoked ones last. */
export async function listApiKeys(db: Db, accountId: AccountId): Promise<ApiKeyView[]> {
  const found = await prismaOn(db).apiKey.findMany({
    where: { accountId },
    orderBy: { id: 'desc' },
    select: {
      id: true,
      name: true,
      clientId: true,
      canWrite: true,
      allSections: true,
      allKeyspaces: true,
      createdAt: true,
      expiresAt: true,
      lastUsedAt: true,
      revokedAt: true,
      creator: { select: { name: true } },
      sections: { orderBy: { section: { name: 'asc' } }, select: { section: { select: { name: true } } } },
      keyspaces: { orderBy: { keyspaceId: 'asc' }, select: { keyspace: { select: { name: true } } } },
    },
  });
  const now = new Date();
  const keys = found.map(({ allSections, allKeyspaces, sections, keyspaces, creator, ...key }) => ({
    ...key,
    sections: allSections ? null : sections.map(({ section }) => section.name),
    keyspaces: allKeyspaces ? null : keyspaces.map(({ keyspace }) => keyspace.name),
    createdBy: creator?.name ?? null,
    ended: key.expiresAt !== null && key.expiresAt <= now,
  }));
  return [...keys.filter(({ revokedAt }) => !revokedAt), ...keys.filter(({ revokedAt }) => revokedAt)];
}
