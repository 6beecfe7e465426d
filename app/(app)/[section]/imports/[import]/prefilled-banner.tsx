'use client';
// Says that the columns are mapped as in an earlier import, and can revert that.
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Banner } from '@/components/ui/display';

type Props = { fileName: string; createdAt: Date; changed: string[]; onGuess: () => void };

export function PrefilledBanner({ fileName, createdAt, changed, onGuess }: Props) {
  return (
    <Banner tone="info">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p>
          Filled in from the import of “{fileName}” (<DateTime value={createdAt} />
          ), which had the same columns. Choose the tags for this file.
          {changedColumnsInWords(changed)}
        </p>
        <Button size="small" onPress={onGuess}>
          Use the suggestions instead
        </Button>
      </div>
    </Banner>
  );
}

/** Names the columns that are mapped differently than in the earlier import because of their content. */
export function changedColumnsInWords(changed: readonly string[]): string {
  if (changed.length === 0) return '';
  return ` Except ${changed.map((name) => `“${name}”`).join(', ')}, which now ${changed.length === 1 ? 'holds' : 'hold'} something else.`;
}
