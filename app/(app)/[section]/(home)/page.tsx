import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { RefreshEvery } from '@/components/ui/refresh-shown';
import { mayAct } from '@/lib/access/policy';
import { AttentionList } from './attention-list';
import { Figures } from './figures';
import { FirstStepsCard } from './first-steps-card';
import { Connections, Flows, Forms, Imports, Messages } from './latest';
import { SegmentMovers, TagMovers } from './movers';
import { RunningNow } from './running-now';
import { TidyTags } from './tidy-tags';

export const metadata = { title: 'Home' };

const REFRESH_SECONDS = 60;

export default async function HomePage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section, sections } = await requireSection((await params).section);
  const of = { actor, section: { id: section.id, slug: section.slug } };
  const others = sections.filter(({ id }) => id !== section.id).map(({ id, name }) => ({ id, name }));
  return (
    <div className="flex max-w-6xl flex-col gap-4">
      <PageHeader title="Home">{section.name}: who is in it, what has changed, and what needs you.</PageHeader>
      <RefreshEvery seconds={REFRESH_SECONDS} />
      <FirstStepsCard {...of} others={mayAct(actor, 'admins') ? others : []} />
      <Figures {...of} />
      <RunningNow slug={section.slug} />
      <AttentionList {...of} />
      <div className="grid gap-4 lg:grid-cols-2">
        <TagMovers {...of} />
        <SegmentMovers {...of} />
        <Imports {...of} />
        <Messages {...of} />
        <Flows {...of} />
        <Forms {...of} />
        {mayAct(actor, 'admins') && <Connections {...of} />}
        <TidyTags {...of} />
      </div>
    </div>
  );
}
