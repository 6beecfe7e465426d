'use client';
// What a link or a saved view asks for and is gone: parts of its filter, columns, an order.
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import type { LostPart } from '@/lib/segments/lost-parts';
import { withoutLost, withReplaced, type ChangeFilter, type FilterParams } from './search-params';

type LostProps = { lost: readonly LostPart[]; params: FilterParams; onChange: ChangeFilter };

/** Parts of the filter. Nobody is shown until a person replaces or removes them. */
export function LostFromFilter({ lost, params, onChange }: LostProps) {
  if (lost.length === 0) return null;
  const replacements = new Set(
    lost.flatMap((part) => (part.kind === 'tag' && part.replacedBy ? `“${part.replacedBy.name}”` : [])),
  );
  return (
    <Gone
      buttons={
        <>
          {replacements.size > 0 && (
            <Button size="small" onPress={() => onChange(withReplaced(params, lost))}>
              Use {[...replacements].join(', ')} instead
            </Button>
          )}
          <Button size="small" onPress={() => onChange(withoutLost(params, lost))}>
            Remove from the filter and show the rest
          </Button>
        </>
      }
    >
      {lost.map(({ reason }) => reason).join(' ')} This filter uses {lost.length === 1 ? 'it' : 'them'}, so nobody is
      shown.
    </Gone>
  );
}

/** Columns and an order. The list is shown without them. */
export function NotShown({ sentences, onLeaveOut }: { sentences: readonly string[]; onLeaveOut: () => void }) {
  if (sentences.length === 0) return null;
  return (
    <Gone
      buttons={
        <Button size="small" onPress={onLeaveOut}>
          Leave it out
        </Button>
      }
    >
      {sentences.join(' ')}
    </Gone>
  );
}

function Gone({ children, buttons }: { children: ReactNode; buttons: ReactNode }) {
  return (
    <div className="mb-3">
      <Banner tone="warning">
        <span className="flex flex-wrap items-center justify-between gap-2">
          <span>{children}</span>
          <span className="flex flex-wrap gap-2">{buttons}</span>
        </span>
      </Banner>
    </div>
  );
}
