import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { readTagTable } from '@/lib/used-in/reads';
import { readTagCount } from '@/lib/tags/reads';
import { FIRST_ROWS } from '../../../tags/first-rows';
import { TagsTable } from '../../../tags/tags-table';

export const metadata = { title: 'Manage tags' };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<{ show?: string }> };

export default async function ManageTagsPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const { show } = await searchParams;
  const hidden = show === 'hidden';
  const [first, total] = await Promise.all([
    readTagTable(actor, { sectionId: section.id, hidden, most: FIRST_ROWS }),
    readTagCount(actor, { sectionId: section.id, hidden }),
  ]);
  if (!first.ok) return <Refused actor={actor} refusal={first.refusal} />;
  if (!total.ok) return <Refused actor={actor} refusal={total.refusal} />;
  return (
    <TagsTable
      section={{ id: section.id, slug: section.slug }}
      first={first.value}
      total={total.value}
      rights="govern"
    />
  );
}
