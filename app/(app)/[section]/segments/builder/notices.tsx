'use client';
// What the person has to know of the draft: that it was there already, that others change the same, what did not come along.
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';

type Props = {
  /** The draft was begun before and not saved. */
  restored: boolean;
  /** The saved segment has changed since the draft was begun. */
  outdated: boolean;
  /** Another tab writes the same. */
  elsewhere: boolean;
  leftOut: readonly string[];
  onStartOver: () => void;
};

export function Notices({ restored, outdated, elsewhere, leftOut, onStartOver }: Props) {
  return (
    <>
      {(restored || outdated) && (
        <Banner tone={outdated ? 'warning' : 'info'}>
          <span className="flex flex-wrap items-center justify-between gap-2">
            {outdated
              ? 'Here is what you had begun. Somebody has changed the segment since: save yours as a new segment, or start over from what it is now.'
              : 'Here is what you had begun and not saved.'}
            <Button size="small" onPress={onStartOver}>
              Start over
            </Button>
          </span>
        </Banner>
      )}
      {elsewhere && (
        <Banner tone="warning">
          These rules are being written in another tab too. What you write here is lost by a reload until you save it.
        </Banner>
      )}
      {leftOut.length > 0 && (
        <Banner tone="warning">Rules cannot ask this, so it was left out: {leftOut.join('; ')}.</Banner>
      )}
    </>
  );
}
