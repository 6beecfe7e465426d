// Forms and submissions for tests.
import { createHash, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { valueOf } from '@/lib/access/refusal';
import { createTopic } from '@/lib/consents/topics';
import type { FormId, SectionId, SubmissionId, TagId, TopicId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { one, rows, sql } from '@/lib/db/sql';
import { acceptSubmission } from '@/lib/forms/accept';
import { createForm, publishForm, saveForm } from '@/lib/forms/commands';
import { openForm, type OpenForm } from '@/lib/forms/open';
import type { Answers, FormDocumentSchema, SubmissionState, SubmissionVia } from '@/lib/forms/schema';
import { addMailbox } from '@/lib/sending/commands';
import { createTestTag, type TestAccount } from './fixtures';

export type Draft = z.input<typeof FormDocumentSchema>;

/** A section with a mailbox as its sender, and a form that asks for an address, a name, an interest and a consent, and gives a tag. */
export class TestForms {
  /** Each look at a form is later than what is kept of the one before. */
  private looks = 0;

  private constructor(
    readonly account: TestAccount,
    readonly topicId: TopicId,
    readonly tags: { lead: TagId; boots: TagId },
    readonly attributes: { email: number; first: number },
  ) {}

  get sectionId(): SectionId {
    return this.account.sectionId;
  }

  static async open(account: TestAccount): Promise<TestForms> {
    const { sectionId } = account;
    // Unless there is one.
    await addMailbox(account.admin, { sectionId });
    const topic = await createTopic(account.admin, { sectionId, name: `News ${randomUUID().slice(0, 8)}` });
    const tag = (name: string) => createTestTag(sectionId, `${name} ${randomUUID().slice(0, 8)}`);
    const attribute = async (code: string) =>
      (
        await one<{ id: number }>(
          pool(),
          sql`select id from attribute where section_id = ${sectionId} and code = ${code}`,
        )
      ).id;
    return new TestForms(
      account,
      valueOf(topic).id,
      { lead: await tag('Lead'), boots: await tag('Boots') },
      { email: await attribute('email'), first: await attribute('firstname') },
    );
  }

  document(more: Partial<Draft> = {}): Draft {
    return {
      look: {},
      steps: [
        {
          id: 's1',
          elements: [
            {
              id: 'email',
              kind: 'input',
              type: 'email',
              label: 'Email',
              required: true,
              attributeId: this.attributes.email,
            },
            { id: 'first', kind: 'input', type: 'text', label: 'First name', attributeId: this.attributes.first },
            {
              id: 'like',
              kind: 'input',
              type: 'several',
              label: 'What do you like?',
              choices: [{ value: 'boots', label: 'Boots', tagIds: [this.tags.boots] }, { value: 'tents' }],
            },
            {
              id: 'news',
              kind: 'consent',
              label: 'Yes, send me news',
              topics: [{ topicId: this.topicId, channel: 'email' }],
            },
          ],
        },
      ],
      tags: { apply: [this.tags.lead] },
      ...more,
    };
  }

  /** A published form. */
  async form(more: Partial<Draft> = {}): Promise<OpenForm> {
    const name = `Form ${randomUUID().slice(0, 8)}`;
    const made = valueOf(
      await createForm(this.account.marketer, { sectionId: this.sectionId, name, document: this.document(more) }),
    );
    return this.publish(made.id, made.changedAt);
  }

  /** Changes a published form and publishes it again. */
  async change(formId: FormId, document: Draft): Promise<OpenForm> {
    const { name, at } = await one<{ name: string; at: Date }>(
      pool(),
      sql`select name, changed_at as at from form where section_id = ${this.sectionId} and id = ${formId}`,
    );
    const saved = await saveForm(this.account.marketer, {
      ...{ sectionId: this.sectionId, formId, seen: at.toISOString(), name, document },
    });
    return this.publish(formId, valueOf(saved).changedAt);
  }

  private async publish(formId: FormId, seen: string): Promise<OpenForm> {
    valueOf(await publishForm(this.account.marketer, { sectionId: this.sectionId, formId, seen }));
    const { code } = await one<{ code: string }>(
      pool(),
      sql`select code from form where section_id = ${this.sectionId} and id = ${formId}`,
    );
    return (await openForm(this.sectionId, code, Date.now() + ++this.looks * 60_000))!;
  }

  /** Takes a submission. `page`: of two with the same page and answers, the second is a repetition. */
  async submit(
    form: OpenForm,
    answers: Answers,
    {
      page = randomUUID(),
      score = 0,
      now = new Date(),
      via = 'page',
    }: { page?: string; score?: number; now?: Date; via?: SubmissionVia } = {},
  ): Promise<SubmissionId> {
    const once = createHash('sha256').update(page).update(JSON.stringify(answers)).digest();
    const taken = await acceptSubmission({ form, answers, once, via, referrer: '', score, signs: [], now });
    return taken.submissionId;
  }

  submission(
    id: SubmissionId,
  ): Promise<{ state: SubmissionState; profileId: number | null; error: string | null; answers: Answers | null }> {
    return one(
      pool(),
      sql`
        select state, profile_id as "profileId", error, answers from form_submission
        where section_id = ${this.sectionId} and id = ${id}`,
    );
  }

  /** The tags of a profile, each with the source and the origin of its last change. */
  tagsOf(profileId: number | null): Promise<{ tagId: number; source: number; origin: number }[]> {
    return rows(
      pool(),
      sql`
        select held.tag_id as "tagId", entry.source, entry.origin_id as origin
        from profile_tag held
        join lateral (
          select * from tag_change entry
          where entry.section_id = ${this.sectionId} and entry.profile_id = held.profile_id and entry.tag_id = held.tag_id
          order by entry.id desc limit 1
        ) entry on true
        where held.section_id = ${this.sectionId} and held.profile_id = ${profileId} order by held.tag_id`,
    );
  }

  consentsOf(profileId: number | null): Promise<{ type: string; channel: string }[]> {
    return rows(
      pool(),
      sql`select type, channel from consent where section_id = ${this.sectionId} and profile_id = ${profileId}`,
    );
  }

  /** What the section's mailbox has caught for an address, oldest first. */
  mailsTo(address: string): Promise<{ text: string }[]> {
    return rows(
      pool(),
      sql`
        select raw::text as text from caught_mail
        where section_id = ${this.sectionId} and to_address = ${address} order by id`,
    );
  }
}
