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
  editedElsewhere: boolean;
  leftOut: readonly string[];
  onStartOver: () => void;
};

export function Notices({ restored, outdated, editedElsewhere, leftOut, onStartOver }: Props) {
  return (
    <>
      {(restored || outdated) && (
        <Banner tone={outdated ? 'warning' : 'info'}>
          <span className="flex flex-wrap items-center justify-between gap-2">
            {outdated
              ? 'Your unsaved changes have been restored, but someone has changed the segment since. Save yours as a new segment, or start over from the current rules.'
              : 'Your unsaved changes have been restored.'}
            <Button size="small" onPress={onStartOver}>
              Start over
            </Button>
          </span>
        </Banner>
      )}
      {editedElsewhere && (
        <Banner tone="warning">
          These rules are also being edited in another tab. Save your changes here before you reload the page, or they
          will be lost.
        </Banner>
      )}
      {leftOut.length > 0 && (
        <Banner tone="warning">Segments do not support this filter, so it was left out: {leftOut.join('; ')}.</Banner>
      )}
    </>
  );
}
