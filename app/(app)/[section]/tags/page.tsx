import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { ButtonLink } from '@/components/ui/button';
import { mayAct } from '@/lib/access/policy';
import { readTagTable } from '@/lib/used-in/reads';
import { readTagCount } from '@/lib/tags/reads';
import { FIRST_ROWS } from './first-rows';
import { TagsTable } from './tags-table';

export const metadata = { title: 'Tags' };

export default async function TagsPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  const of = { sectionId: section.id, hidden: false };
  const [first, total] = await Promise.all([
    valueForPage(readTagTable(actor, { ...of, most: FIRST_ROWS })),
    valueForPage(readTagCount(actor, of)),
  ]);
  return (
    <TagsTable
      section={{ id: section.id, slug: section.slug }}
      first={first}
      total={total}
      rights="read"
      actions={
        mayAct(actor, 'admins') && (
          <ButtonLink href={`/${section.slug}/settings/data-model/tags`}>Manage the tags</ButtonLink>
        )
      }
    />
  );
}
