'use client';
// Finds a profile, to explain why it is or is not in the segment.
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { ProfileFinder } from '@/components/profiles/profile-finder';
import { buttonClass } from '@/components/ui/button-class';
import { popoverClass } from '@/components/ui/popover-class';
import { useOpen } from '@/components/ui/when-online';
import type { SegmentId } from '@/lib/db/ids';

/** `at`: the day; '' for now. */
export function WhyButton({ slug, segmentId, at }: { slug: string; segmentId: SegmentId; at: string }) {
  const open = useOpen();
  return (
    <DialogTrigger>
      <AriaButton className={buttonClass({ size: 'small' })}>Why is someone in or out?</AriaButton>
      <Popover placement="bottom end" className={`${popoverClass} w-80 max-w-[90vw]`}>
        <Dialog aria-label="Find a profile" className="outline-none">
          <ProfileFinder
            slug={slug}
            label="Which profile?"
            onChoose={({ id }) => open(`/${slug}/segments/${segmentId}/why/${id}${at ? `?at=${at}` : ''}`)}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
