// What the list shows instead of rows.
import { Button, ButtonLink } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/display';
import type { Attribute } from '@/lib/attributes/schema';
import type { AttributeFilter, ProfileFilter } from '@/lib/profiles/schema';
import { conditionInWords } from './condition-words';
import { widened } from './condition-param';
import { hasConditions } from './search-params';

type NoProfilesProps = {
  filter: ProfileFilter;
  attributes: readonly Attribute[];
  slug: string;
  onNew: () => void;
  onClear: () => void;
  /** Replaces the conditions on attributes. */
  onConditions: (conditions: AttributeFilter[]) => void;
};

export function NoProfiles({ filter, attributes, slug, onNew, onClear, onConditions }: NoProfilesProps) {
  const { search, conditions } = filter;
  const filtered = hasConditions(filter);
  if (filtered || search !== '') {
    const wider = conditions.flatMap((condition) => widened(condition, attributes) ?? []);
    return (
      <EmptyState
        title="No matching profiles"
        action={
          <>
            {wider.map(({ from, to }) => (
              <Button
                key={from.code}
                onPress={() => onConditions(conditions.map((condition) => (condition === from ? to : condition)))}
              >
                {conditionInWords(to, attributes)}
              </Button>
            ))}
            <Button onPress={onClear}>
              {filtered ? (search === '' ? 'Clear filters' : 'Clear search and filters') : 'Clear search'}
            </Button>
          </>
        }
      >
        {filtered && 'Nobody matches all of the filters above. Remove one, or change it. '}
        {wider.length > 0 && '“is” finds only the whole value, “contains” finds a part of it. '}
        {search !== '' &&
          'The search finds names, email addresses, mobile numbers and CRM IDs that start with what you type.'}
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
