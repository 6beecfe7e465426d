import { requireSection } from '@/app/viewer';
import { mayAct } from '@/lib/access/policy';
import { pool } from '@/lib/db/pool';
import { listTags } from '@/lib/tags/queries';
import { TagsTable } from './tags-table';

export const metadata = { title: 'Tags' };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<{ show?: string }> };

export default async function TagsPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  // The layout tells a marketer whom to ask; a page is rendered beside its layout, so it looks for itself.
  if (!mayAct(actor, 'admins')) return null;
  const { show } = await searchParams;
  const tags = await listTags(pool(), section.id, { hidden: show === 'hidden' });
  return <TagsTable section={{ id: section.id, slug: section.slug }} tags={tags} />;
}
