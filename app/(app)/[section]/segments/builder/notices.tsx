'use client';
// Notices about the draft: it was restored, others change the same segment, or something could not be converted.
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';

type Props = {
  /** The draft was started earlier and not saved. */
  restored: boolean;
  /** The saved segment has changed since the draft was started. */
  outdated: boolean;
  /** Another tab edits the same draft. */
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
