// The tags table when nothing matches, or there is nothing yet.
import { TagWhereabouts } from '@/components/tags/tag-whereabouts';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';
import type { Show } from './arrange';

type Props = { slug: string; show: Show; search: string; inGroup: boolean; onNew: () => void };

export function NoTags({ slug, show, search, inGroup, onNew }: Props) {
  if (search.trim() !== '') {
    return (
      <EmptyState title="No matching tags">
        Check the spelling, or that you are in the right section. <TagWhereabouts slug={slug} name={search} />
      </EmptyState>
    );
  }
  if (inGroup)
    return <EmptyState title="No tags of this group to show">Choose another group, or all groups.</EmptyState>;
  if (show === 'hidden') return <EmptyState title="No tag has been hidden" />;
  if (show === 'unused') return <EmptyState title="Every tag is on at least one profile" />;
  if (show === 'managed') {
    return (
      <EmptyState title="No integration keeps a tag">Account Owners and Admins connect a CRM in Settings.</EmptyState>
    );
  }
  if (show === 'unkept') return <EmptyState title="Every list keeps its tag" />;
  if (show === 'favourites') {
    return (
      <EmptyState title="You have no favourites yet">
        Press the star in front of a tag. Your favourites come first here; other people do not see them.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No tags yet" action={<Button onPress={onNew}>Add New Tag</Button>}>
      A tag is a label that a profile either has or does not have: “VIP”, “Trade Show Lead”, “Do not contact”.
    </EmptyState>
  );
}
