import type { Metadata } from 'next';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { inJson } from '@/components/ui/in-json';
import { UsedBy } from '@/components/used-in/used-by';
import { readUsersOfThing } from '@/lib/used-in/reads';
import { mayAct } from '@/lib/access/policy';
import { readAttributes } from '@/lib/attributes/reads';
import { readTopics } from '@/lib/consents/reads';
import { readConfirmationRule } from '@/lib/forms/rule';
import { phoneCountries } from '@/lib/imports/countries';
import { readBrand } from '@/lib/messages/brand';
import { readSenderChoices } from '@/lib/messages/reads';
import { FormEditor } from './form-editor';
import { readFormOnce } from './read-form-once';

type Props = { params: Promise<{ section: string; form: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { section: slug, form } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readFormOnce(actor, section.id, form);
  return { title: found.ok ? found.value.name : 'Form' };
}

export default async function FormPage({ params }: Props) {
  const { section: slug, form: formId } = await params;
  const { actor, section } = await requireSection(slug);
  const of = { sectionId: section.id };
  const form = await valueForPage(readFormOnce(actor, section.id, formId));
  const [attributes, topics, senders, rule, brand, users] = await Promise.all([
    valueForPage(readAttributes(actor, of)),
    valueForPage(readTopics(actor, of)),
    valueForPage(readSenderChoices(actor, { ...of, channel: 'email' })),
    valueForPage(readConfirmationRule(actor, of)),
    valueForPage(readBrand(actor, of)),
    valueForPage(readUsersOfThing(actor, { ...of, kind: 'form', id: form.id })),
  ]);
  return (
    <>
      <FormEditor
        key={form.id}
        section={{ id: section.id, slug, name: section.name }}
        form={inJson(form)}
        attributes={attributes}
        topics={topics}
        countries={phoneCountries()}
        senders={senders}
        rule={rule}
        brand={brand}
        isAdmin={mayAct(actor, 'integrators')}
      />
      <UsedBy slug={slug} users={users} />
    </>
  );
}
