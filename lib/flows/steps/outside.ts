// Steps that tell others: a mail to a colleague, a signed call. Whoever comes here stands at the step until it is known what became of it.
import type { ProfileId } from '@/lib/db/ids';
import { rows, sql } from '@/lib/db/sql';
import { givenOf } from '../given';
import { allowedAddresses } from '../notices';
import { profileAddress, queueOut, whatBecameOfOut, type OutKind, type Telling } from '../out';
import { idsOf, PASSED, STAGE, type Doing, type Moved, type Run, type Scene } from '../run';
import type { Leaf } from '../schema';

type Notify = Extract<Leaf, { kind: 'notify' }>;
type Webhook = Extract<Leaf, { kind: 'webhook' }>;

const SOON_MS = 1_000;
const LONGEST_MS = 300_000;

/** `telling`: what is told about each person. */
const telling =
  <Step extends Notify | Webhook>(
    kind: OutKind,
    tell: (scene: Scene, step: Step, runs: readonly Run[]) => Promise<Telling[]>,
  ): Doing<Step> =>
  async (scene, step, runs) => {
    const { tx, sectionId, flowId, now } = scene;
    const fresh = runs.filter(({ stage }) => stage !== STAGE.sending);
    const tellings = fresh.length === 0 ? [] : await tell(scene, step, fresh);
    const numbers = await queueOut(tx, { sectionId, flowId, step: step.id, kind }, tellings, now);
    const waiting = runs.flatMap(({ stage, recipient }) =>
      stage === STAGE.sending && recipient !== null ? [recipient] : [],
    );
    const became = await whatBecameOfOut(tx, sectionId, waiting);
    return runs.map((run): Moved => {
      if (run.stage !== STAGE.sending) {
        const number = numbers.get(run.profileId);
        if (number === undefined) return { go: 'on', what: 'skipped', note: 'nobody to tell' };
        return stays(number, new Date(now.getTime() + SOON_MS));
      }
      const known = run.recipient === null ? undefined : became.get(run.recipient);
      if (known?.state === 'waiting') return stays(run.recipient!, lookAgain(run, now));
      if (known?.state === 'sent') return PASSED;
      return { go: 'on', what: 'skipped', note: known?.outcome ?? known?.state ?? 'gone' };
    });
  };

const stays = (recipient: number, dueAt: Date): Moved => ({ go: 'stay', stage: STAGE.sending, dueAt, recipient });

const lookAgain = ({ arrivedAt }: Run, now: Date): Date =>
  new Date(now.getTime() + Math.min(LONGEST_MS, Math.max(SOON_MS, (now.getTime() - arrivedAt.getTime()) / 4)));

type Person = { profileId: ProfileId; name: string; attributes: Record<string, unknown> };

/** With the values of attributes that are not hidden. */
async function peopleOf({ tx, sectionId }: Scene, runs: readonly Run[]): Promise<Person[]> {
  return rows(
    tx,
    sql`
      with visible as materialized (
        select code from attribute where section_id = ${sectionId} and hidden_at is null
      )
      select profile.id as "profileId", coalesce(
          nullif(concat_ws(' ', profile.attributes ->> 'firstname', profile.attributes ->> 'lastname'), ''),
          profile.attributes ->> 'email', 'Profile ' || profile.id
        ) as name, (
          select coalesce(jsonb_object_agg(value.key, value.value), '{}') from jsonb_each(profile.attributes) value
          where value.key in (select code from visible)
        ) as attributes
      from profile
      where profile.section_id = ${sectionId} and profile.id = any(${idsOf(runs)}::bigint[])`,
  );
}

export const notify = telling<Notify>('notify', async (scene, { to, subject, text }, runs) => {
  const pageOf = await profileAddress(scene.tx, scene.sectionId);
  // They are at a step of one version.
  const allowed = await allowedAddresses(scene.tx, { ...scene, version: runs[0]!.version }, to);
  return (await peopleOf(scene, runs)).flatMap(({ profileId, name }) =>
    allowed.map((address) => ({
      ...{ profileId, address, subject },
      body: `${text.trim() === '' ? '' : `${text.trim()}\n\n`}${name}: ${pageOf(profileId)}\n`,
    })),
  );
});

export const webhook = telling<Webhook>('webhook', async (scene, { id, name, address }, runs) => {
  const { flowId, now } = scene;
  const given = await givenOf(scene, runs);
  return (await peopleOf(scene, runs)).map(({ profileId, attributes }) => ({
    ...{ profileId, address, subject: '' },
    body: JSON.stringify({
      type: 'flow.step',
      timestamp: now.toISOString(),
      data: {
        flow_id: flowId,
        step_id: id,
        step_name: name,
        profile_id: profileId,
        attributes,
        data: given.get(profileId) ?? {},
      },
    }),
  }));
});
