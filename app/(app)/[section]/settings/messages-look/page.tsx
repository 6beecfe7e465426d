import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { readBrandToChange } from '@/lib/messages/brand';
import { LookForm } from './look-form';

export const metadata = { title: 'Messages look' };

export default async function LookPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const allowed = await readBrandToChange(actor, { sectionId: section.id });
  if (!allowed.ok) return <Refused actor={actor} what="How emails look" refusal={allowed.refusal} />;
  return (
    <>
      <PageHeader title="Messages look">
        Colours, logo and sender of all emails of this section. Messages that are scheduled or sent keep the look they
        had.
      </PageHeader>
      <LookForm section={{ id: section.id, slug: section.slug }} brand={allowed.value} />
    </>
  );
}
