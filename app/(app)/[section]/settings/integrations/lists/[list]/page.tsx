// Where 'used in' leads for a list: to its connection, or for people who may not see that, to the tag that it keeps.
import { redirect } from 'next/navigation';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readPlaceOfList } from '@/lib/integrations/claim-reads';

type Props = { params: Promise<{ section: string; list: string }> };

export default async function ListPage({ params }: Props) {
  const { section: slug, list: listId } = await params;
  const { actor, section } = await requireSection(slug);
  const place = await valueForPage(readPlaceOfList(actor, { sectionId: section.id, listId }));
  redirect(`/${slug}/${place}`);
}
