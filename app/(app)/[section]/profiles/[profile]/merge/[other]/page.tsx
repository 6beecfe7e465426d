// Two entries of one person, side by side, before they are merged.
import { valueOf } from '@/lib/access/refusal';
import { requireSection } from '@/app/viewer';
import { valueForPage } from '@/app/value-for-page';
import { ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';
import { readAttributes } from '@/lib/attributes/reads';
import { previewMerge } from '@/lib/people/merge-two';
import { readKeyspaces } from '@/lib/profiles/reads';
import { isListPath } from '../../../duplicates/params';
import { MergeView } from './merge-view';

export const metadata = { title: 'Merge two profiles' };

type Props = {
  params: Promise<{ section: string; profile: string; other: string }>;
  /** `back`: the list of possible duplicates that one came from; `keep`: the id of the profile to keep. */
  searchParams: Promise<{ back?: string; keep?: string }>;
};

export default async function MergePage({ params, searchParams }: Props) {
  const { section: slug, profile: profileId, other: otherId } = await params;
  const { back, keep } = await searchParams;
  const list = isListPath(slug, back) ? back : null;
  const { actor, section } = await requireSection(slug);
  const of = { sectionId: section.id };
  const [preview, attributes, keyspaces] = await Promise.all([
    previewMerge(actor, { ...of, profileId, otherId, keep }),
    valueForPage(readAttributes(actor, of)),
    valueForPage(readKeyspaces(actor, {})),
  ]);
  if (!preview.ok) {
    const { code, message, details } = preview.refusal;
    if (!['not_found', 'conflict', 'invalid'].includes(code)) valueOf(preview);
    const remaining = (details as { profileId?: number } | undefined)?.profileId;
    return (
      <EmptyState
        heading="h1"
        title="These profiles cannot be merged"
        action={
          list !== null ? (
            <ButtonLink href={list}>Possible duplicates</ButtonLink>
          ) : remaining === undefined ? (
            <ButtonLink href={`/${slug}/profiles`}>All profiles</ButtonLink>
          ) : (
            <ButtonLink href={`/${slug}/profiles/${remaining}`}>Open the profile</ButtonLink>
          )
        }
      >
        {message}
      </EmptyState>
    );
  }
  return (
    <MergeView
      section={{ id: section.id, slug }}
      list={list}
      preview={preview.value}
      attributes={attributes}
      keyspaces={keyspaces}
    />
  );
}
