// Who is kept off a tag that integration lists keep.
import type { Metadata } from 'next';
import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { TagLink } from '@/components/tags/tag-chip';
import { ButtonLink } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/display';
import { readKeptOff } from '@/lib/integrations/claim-reads';
import { KeptOff } from './kept-off';

export const metadata: Metadata = { title: 'Kept off' };

const PAGE = 100;

type Props = {
  params: Promise<{ section: string; tag: string }>;
  searchParams: Promise<{ after?: string }>;
};

export default async function KeptOffPage({ params, searchParams }: Props) {
  const { section: slug, tag: tagId } = await params;
  const { actor, section } = await requireSection(slug);
  const after = Number.parseInt((await searchParams).after ?? '', 10) || 0;
  const found = await readKeptOff(actor, { sectionId: section.id, tagId, after: Math.max(0, after), limit: PAGE + 1 });
  if (!found.ok) return <Refused actor={actor} refusal={found.refusal} />;
  const { tag, total, people, lists } = found.value;
  return (
    <>
      <PageHeader
        title="Kept off"
        actions={total > 0 && <ButtonLink href={`/${slug}/tags/${tag.id}`}>Back to the tag</ButtonLink>}
      >
        <TagLink tag={tag} size="whole" />
      </PageHeader>
      <KeptOff
        section={{ id: section.id, slug }}
        tag={tag}
        total={total}
        people={people.slice(0, PAGE)}
        lists={lists}
        isFirst={after === 0}
        next={people.length > PAGE ? people[PAGE - 1]!.profileId : null}
      />
    </>
  );
}
