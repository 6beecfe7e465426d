// A form of the demo account, with what people have sent in the last weeks: by the doors that visitors use, so that everything follows from it as it
// does for them. What was applied has its history at the time of the first start.
import { createHash } from 'node:crypto';
import type { UserActor } from '@/lib/access/actor';
import { valueOf } from '@/lib/access/refusal';
import { listAttributes } from '@/lib/attributes/queries';
import { listTopics } from '@/lib/consents/queries';
import type { FormId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, rows, sql } from '@/lib/db/sql';
import { acceptSubmission } from '@/lib/forms/accept';
import { readAnswers } from '@/lib/forms/answers';
import { createForm, publishForm } from '@/lib/forms/commands';
import { confirmSubmission } from '@/lib/forms/confirm';
import { findVersion } from '@/lib/forms/queries';
import type { FormDocument } from '@/lib/forms/schema';
import { documentFrom, TEMPLATE_WORDS } from '@/lib/forms/templates';
import { confirmToken } from '@/lib/forms/token';
import { workSubmissions } from '@/lib/forms/work';
import { ensureMailboxes } from '@/lib/sending/mailbox';

const DAY_MS = 86_400_000;
const DAYS = 35;
/** Of the submissions, as many wait in quarantine, and as many of the others for their confirmation. */
const [SPAM, UNCONFIRMED] = [8, 4];
const SITES = ['shop.northern-outfitters.example', 'instagram.com', ''];
const VIEWS_PER_DAY = 9;

/** Creates it as the given actor. `submissions`: how many there are. */
export async function addForms(actor: UserActor, sectionId: SectionId, submissions: number): Promise<void> {
  // The mail that asks to confirm needs a sender.
  await ensureMailboxes(pool());
  const [attributes, topics] = [await listAttributes(pool(), sectionId), await listTopics(pool(), sectionId)];
  const newsletter = topics.filter(({ name }) => name === 'Newsletter');
  const tag = await one<{ id: number }>(
    pool(),
    sql`select id from tag where section_id = ${sectionId} and name = 'Newsletter Sign-up'`,
  );
  const document = {
    ...documentFrom('newsletter', { attributes, topics: newsletter }),
    tags: { apply: [tag.id], remove: [] },
  };
  const { called: name } = TEMPLATE_WORDS.newsletter;
  const made = valueOf(await createForm(actor, { sectionId, name, document }));
  const form = { sectionId, formId: made.id };
  valueOf(await publishForm(actor, { ...form, seen: made.changedAt }));
  await submitAll(form, (await findVersion(pool(), sectionId, made.id, 1))!, submissions);
  await addViews(form);
}

type Place = { sectionId: SectionId; formId: FormId };

async function submitAll(place: Place, document: FormDocument, submissions: number): Promise<void> {
  const { sectionId } = place;
  const people = await rows<{ email: string; firstname: string }>(
    pool(),
    sql`
      select attributes ->> 'email' as email, attributes ->> 'firstname' as firstname from profile
      where section_id = ${sectionId} and attributes ->> 'email' is not null
      order by hashint8(id * 31) limit ${submissions}`,
  );
  const now = Date.now();
  const taken = [];
  for (const [number, { email, firstname }] of people.entries()) {
    const at = new Date(now - ((people.length - number) / people.length) * DAYS * DAY_MS);
    const isSpam = number % SPAM === SPAM - 1;
    const sent = isSpam
      ? { email: `offer${number}@spam.example`, firstname: 'Cheap loans: www.loans.example' }
      : { email, firstname };
    const { answers } = readAnswers(document, new URLSearchParams({ ...sent, consent: 'yes' }));
    const { submissionId } = await acceptSubmission({
      form: { ...place, version: 1, document },
      answers,
      once: createHash('sha256').update(`demo ${number}`).digest(),
      referrer: isSpam ? '' : SITES[number % SITES.length]!,
      score: isSpam ? 90 : 0,
      signs: isSpam ? ['link-in-name', 'no-page'] : [],
      now: at,
    });
    if (!isSpam) taken.push({ submissionId, at });
  }
  // Those wait for their confirmation now; most people have pressed the button soon after.
  await workSubmissions(sectionId);
  for (const [number, { submissionId, at }] of taken.entries()) {
    if (number % UNCONFIRMED < UNCONFIRMED - 1)
      await confirmSubmission(
        confirmToken({ sectionId, submissionId }),
        new Date(at.getTime() + (number + 3) * 60_000),
      );
  }
  await workSubmissions(sectionId);
}

/** How often it was seen and begun, by day and site. */
async function addViews({ sectionId, formId }: Place): Promise<void> {
  await execute(
    pool(),
    sql`
      insert into form_count (section_id, form_id, day, referrer, kind, step, count)
      select ${sectionId}::int, ${formId}::int, day::date, site, kind, 0,
        greatest(1, ${VIEWS_PER_DAY}::int - extract(isodow from day)::int) * case kind when 'seen' then 2 else 1 end
      from generate_series(${new Date(Date.now() - DAYS * DAY_MS)}::timestamptz, ${new Date()}::timestamptz, '1 day') day
      cross join unnest(${SITES}::text[]) site
      cross join unnest(array['seen', 'begun']) kind`,
  );
}
