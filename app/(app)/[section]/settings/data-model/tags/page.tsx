import { requireSection } from '@/app/viewer';
import { mayAct } from '@/lib/access/policy';
import { pool } from '@/lib/db/pool';
import { countTags, listTags } from '@/lib/tags/queries';
import { withUsers } from '@/lib/used-in/queries';
import { TagsTable } from './tags-table';

export const metadata = { title: 'Tags' };

/** What comes with the page; the browser asks for the rest, where there is more. */
const FIRST_ROWS = 200;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<{ show?: string }> };

export default async function TagsPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  // The layout tells a marketer whom to ask; a page is rendered beside its layout, so it looks for itself.
  if (!mayAct(actor, 'admins')) return null;
  const { show } = await searchParams;
  const hidden = show === 'hidden';
  const [first, total] = await Promise.all([
    listTags(pool(), section.id, { hidden, most: FIRST_ROWS }).then((tags) =>
      withUsers(pool(), section.id, 'tag', tags),
    ),
    countTags(pool(), section.id, { hidden }),
  ]);
  return <TagsTable section={{ id: section.id, slug: section.slug }} first={first} total={total} />;
}
