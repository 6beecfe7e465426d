// Saved views: each person's own, and those that others share with the section.
import { z } from 'zod';
import type { Actor } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { ProfileViewIdSchema, SectionIdSchema, type ProfileViewId, type SectionId, type UserId } from '@/lib/db/ids';
import { execute, maybeOne, one, rows, sql, type Db, type Tx } from '@/lib/db/sql';
import { requireFreeName } from '@/lib/naming/free-name';
import { nameKey, NameSchema } from '@/lib/naming/names';
import { ADDRESS_MAX, addressLength, StoredViewSchema, ViewStateSchema, type SavedView } from './saved-view';

/** At most this many of one person in one section. */
const VIEWS_MAX = 100;

/** The reader's own views and the shared ones, by name. */
export const readSavedViews = query({
  name: 'profile-views.list',
  scope: 'section',
  allow: 'readers',
  input: InSection,
  run: async ({ db, actor }, { sectionId }): Promise<SavedView[]> => {
    const userId = userOf(actor);
    const found = await rows<Omit<SavedView, 'state' | 'tooLong'> & { state: unknown }>(
      db,
      sql`
        select view.id, view.name, view.shared, view.user_id = ${userId} as own, app_user.name as by, view.state
        from profile_view view
        join app_user on app_user.id = view.user_id
        where view.section_id = ${sectionId} and (view.shared or view.user_id = ${userId})
        order by view.name_key, view.id`,
    );
    return found.map((view) => {
      const state = StoredViewSchema.parse(view.state);
      return { ...view, state, tooLong: addressLength(state) > ADDRESS_MAX };
    });
  },
});

const Contents = { sectionId: SectionIdSchema, name: NameSchema, shared: z.boolean(), state: ViewStateSchema };

/** Saves a new view. */
export const createSavedView = command({
  name: 'profile-views.create',
  scope: 'section',
  allow: 'everyone',
  input: z.object(Contents),
  run: async ({ tx, actor }, { sectionId, name, shared, state }) => {
    const userId = userOf(actor);
    await lockViewsOf(tx, sectionId, userId);
    await requireOwnFreeName(tx, { sectionId, userId, name });
    const { views } = await one<{ views: number }>(
      tx,
      sql`select count(*) as views from profile_view where section_id = ${sectionId} and user_id = ${userId}`,
    );
    if (views >= VIEWS_MAX) refuse('conflict', `You have ${VIEWS_MAX} views here. Delete one before you save another.`);
    return one<{ id: ProfileViewId }>(
      tx,
      sql`
        insert into profile_view (section_id, user_id, name, name_key, shared, state, updated_at)
        values (${sectionId}, ${userId}, ${name}, ${nameKey(name)}, ${shared}, ${JSON.stringify(state)}, ${new Date()})
        returning id`,
    );
  },
  audit: ({ name, shared }, { id }) =>
    shared ? { summary: `Shared the view “${name}” of the profiles list`, subject: `profile_view:${id}` } : null,
});

/** Changes one's own view. */
export const updateSavedView = command({
  name: 'profile-views.update',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ ...Contents, viewId: ProfileViewIdSchema }),
  run: async ({ tx, actor }, { sectionId, viewId, name, shared, state }) => {
    const userId = userOf(actor);
    const { own } = await lockView(tx, sectionId, viewId, userId);
    if (!own) refuse('not_allowed', 'This view is somebody else’s. Save a view of your own instead.');
    await requireOwnFreeName(tx, { sectionId, userId, name, except: viewId });
    await execute(
      tx,
      sql`
        update profile_view
        set name = ${name}, name_key = ${nameKey(name)}, shared = ${shared}, state = ${JSON.stringify(state)},
          updated_at = ${new Date()}
        where section_id = ${sectionId} and id = ${viewId}`,
    );
    return { id: viewId };
  },
  audit: ({ name, shared }, { id }) =>
    shared ? { summary: `Changed the shared view “${name}”`, subject: `profile_view:${id}` } : null,
});

/** Deletes one's own view; Admins can delete shared ones of others. */
export const deleteSavedView = command({
  name: 'profile-views.delete',
  scope: 'section',
  allow: 'everyone',
  input: z.object({ sectionId: SectionIdSchema, viewId: ProfileViewIdSchema }),
  run: async ({ tx, actor }, { sectionId, viewId }) => {
    const view = await lockView(tx, sectionId, viewId, userOf(actor));
    const governs = actor.kind === 'user' && actor.role !== 'user';
    if (!view.own && !governs) refuse('not_allowed', `This view is ${view.by}’s. They or an Admin can delete it.`);
    await execute(tx, sql`delete from profile_view where section_id = ${sectionId} and id = ${viewId}`);
    return { name: view.name, shared: view.shared };
  },
  audit: ({ viewId }, { name, shared }) =>
    shared ? { summary: `Deleted the shared view “${name}”`, subject: `profile_view:${viewId}` } : null,
});

function userOf(actor: Actor): UserId {
  return actor.kind === 'user' ? actor.userId : refuse('not_allowed', 'Saved views are for people.');
}

/** Lets a person save only one new view of a section at a time, so that two cannot both take the last place. */
const lockViewsOf = (tx: Tx, sectionId: SectionId, userId: UserId) =>
  execute(tx, sql`select pg_advisory_xact_lock(hashtext(${`tagwell: views of ${userId}`}), ${sectionId})`);

type Locked = { name: string; shared: boolean; own: boolean; by: string };

/** A private view of somebody else does not exist for others. */
async function lockView(tx: Tx, sectionId: SectionId, viewId: ProfileViewId, userId: UserId): Promise<Locked> {
  const view = await maybeOne<Locked>(
    tx,
    sql`
      select view.name, view.shared, view.user_id = ${userId} as own,
        (select name from app_user where app_user.id = view.user_id) as by
      from profile_view view
      where view.section_id = ${sectionId} and view.id = ${viewId} and (view.shared or view.user_id = ${userId})
      for update`,
  );
  return view ?? refuse('not_found', 'This view no longer exists: it has been deleted.');
}

type OwnName = { sectionId: SectionId; userId: UserId; name: string; except?: ProfileViewId };

function requireOwnFreeName(db: Db, { sectionId, userId, name, except }: OwnName): Promise<void> {
  return requireFreeName({ thing: 'a view of yours called', name, except }, async (key) => {
    const taken = await maybeOne<{ id: ProfileViewId; name: string }>(
      db,
      sql`
        select id, name from profile_view
        where section_id = ${sectionId} and user_id = ${userId} and name_key = ${key}`,
    );
    return taken ?? null;
  });
}
