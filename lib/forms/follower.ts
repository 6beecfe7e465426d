// What becomes of submissions when their profiles are erased, merged or undone; and their lines in the timeline.
import { execute, rows, sql, type Db } from '@/lib/db/sql';
import type { ProfileFollower } from '@/lib/followers/profile-follower';
import type { TimelineEntry, TimelinePage } from '@/lib/followers/timeline';
import { answerInWords } from './answer-words';
import { AnswersSchema, elementsOf, FormDocumentSchema, isAsking } from './schema';

export const formFollower: ProfileFollower = {
  tables: ['form_submission', 'form_mail'],
  /** That there was a submission stays for the form's numbers; what says who it was goes, also where it was not applied yet. */
  erase: async (tx, { cause: { sectionId }, profileIds, keys }) => {
    await execute(
      tx,
      sql`
        delete from form_mail mail
        using form_submission submission
        where mail.section_id = ${sectionId} and submission.section_id = ${sectionId}
          and submission.id = mail.submission_id and (
            submission.profile_id = any(${profileIds}::bigint[]) or submission.address_key = any(${keys}::text[])
          )`,
    );
    await execute(
      tx,
      sql`
        update form_submission
        set answers = null, address_key = null, content_key = null, profile_id = null, error = null, next_at = null,
          state = case when state = 'done' then state else 'removed' end
        where section_id = ${sectionId}
          and (profile_id = any(${profileIds}::bigint[]) or address_key = any(${keys}::text[]))`,
    );
  },
  merge: async (tx, { cause: { sectionId }, into, from }) => {
    await execute(
      tx,
      sql`
        update form_submission set profile_id = ${into}
        where section_id = ${sectionId} and profile_id = any(${from}::bigint[])`,
    );
  },
  keepReasons: [
    {
      why: 'has submitted a form',
      when: ({ sectionId, profileId }) => sql`exists (
        select from form_submission submission
        where submission.section_id = ${sectionId} and submission.profile_id = ${profileId}
      )`,
    },
  ],
  timeline: { stream: 'forms', words: 'Forms', read: readFormLines },
};

type FormLine = {
  id: number;
  at: Date;
  formId: number;
  name: string;
  isDeleted: boolean;
  answers: unknown;
  document: unknown;
  confirmedAt: Date | null;
};

async function readFormLines(db: Db, { sectionId, profileId, older, limit }: TimelinePage): Promise<TimelineEntry[]> {
  const found = await rows<FormLine>(
    db,
    sql`
      select submission.id, submission.at, form.id as "formId", form.name, form.deleted_at is not null as "isDeleted",
        submission.answers, version.document,
        submission.confirmed_at as "confirmedAt"
      from form_submission submission
      join form on form.section_id = ${sectionId} and form.id = submission.form_id
      join form_version version
        on version.section_id = ${sectionId} and version.form_id = submission.form_id
        and version.version = submission.version
      where submission.section_id = ${sectionId} and submission.profile_id = ${profileId}
        and (submission.state <> 'removed' or submission.released_at is null)
        and ${older(sql`submission.at`, sql`submission.id`)}
      order by submission.at desc, submission.id desc
      limit ${limit}`,
  );
  return found.map(({ id, at, formId, name, isDeleted, answers, document, confirmedAt }) => {
    const given = AnswersSchema.parse(answers ?? {});
    return {
      id,
      at,
      icon: 'form',
      about: name,
      ...(!isDeleted && { path: `forms/${formId}/submissions?open=${id}` }),
      what: confirmedAt === null ? 'was submitted' : 'was submitted and confirmed',
      details: elementsOf(FormDocumentSchema.parse(document))
        .filter(isAsking)
        .flatMap((element) => {
          const answer = given[element.id];
          return answer === undefined
            ? []
            : [
                {
                  name: element.kind === 'hidden' ? element.parameter : element.label,
                  after: answerInWords(element, answer),
                },
              ];
        }),
      from: 'Form',
      undone: null,
    };
  });
}
