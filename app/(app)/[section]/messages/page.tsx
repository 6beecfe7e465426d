import type { SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readMessageCounts, readMessages } from '@/lib/messages/reads';
import { loadListParams, placeInAddress, readPlace } from './list-params';
import { MessagesList } from './messages-list';

export const metadata = { title: 'Messages' };

const PAGE = 50;

type Props = { params: Promise<{ section: string }>; searchParams: Promise<SearchParams> };

export default async function MessagesPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const { show, q, before, sort, page } = await loadListParams(searchParams);
  const isByChange = sort.order === 'changed';
  const nth = isByChange ? 1 : Math.min(Math.max(page, 1), 10_000);
  const of = { sectionId: section.id };
  const [found, counts] = await Promise.all([
    valueForPage(
      readMessages(actor, {
        ...of,
        ...sort,
        filter: show,
        search: q.slice(0, 200),
        before: isByChange ? readPlace(before) : undefined,
        skip: (nth - 1) * PAGE,
        limit: PAGE + 1,
      }),
    ),
    valueForPage(readMessageCounts(actor, of)),
  ]);
  const messages = found.slice(0, PAGE);
  const last = messages.at(-1);
  return (
    <MessagesList
      section={{ id: section.id, slug: section.slug }}
      messages={messages}
      counts={counts}
      show={show}
      search={q}
      sort={sort}
      isLater={isByChange ? before !== null : nth > 1}
      next={
        found.length > PAGE && last ? (isByChange ? { before: placeInAddress(last) } : { page: `${nth + 1}` }) : null
      }
    />
  );
}
