// What the list shows instead of rows.
import { Button, ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';

type NoProfilesProps = { filtering: boolean; slug: string; onNew: () => void; onClear: () => void };

export function NoProfiles({ filtering, slug, onNew, onClear }: NoProfilesProps) {
  if (filtering) {
    return (
      <EmptyState title="No matching profiles" action={<Button onPress={onClear}>Clear search and filters</Button>}>
        The search finds names, email addresses, mobile numbers and CRM IDs that start with what you type.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No profiles yet"
      action={
        <>
          <ButtonLink href={`/${slug}/imports/new`} variant="primary">
            Import a file
          </ButtonLink>
          <Button onPress={onNew}>New profile</Button>
        </>
      }
    >
      Import people from a CSV or Excel file, or add one by hand.
    </EmptyState>
  );
}
