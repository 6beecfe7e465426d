'use client';
// At which hours an SMS may leave, and what becomes of those that have not left when the hours end.
import { Checkbox } from '@/components/ui/field';
import { leavesAt } from '@/lib/messages/sms-hours';
import type { Hours } from '@/lib/text/hours';
import { hoursInWords, momentInWords, zoneInWords } from './when-words';

type Props = {
  hours: Hours;
  /** When sending is to start. */
  starts: Date;
  onlySameDay: boolean;
  onChange: (onlySameDay: boolean) => void;
};

export function SmsHours({ hours, starts, onlySameDay, onChange }: Props) {
  const first = leavesAt(hours, starts);
  return (
    <div className="border-line flex flex-col gap-2 border-t pt-3">
      <p className="text-[13px]">
        SMS leave from {hoursInWords(hours)}. Outside of these hours they wait.{' '}
        {first > starts && (
          <strong className="font-medium">
            The first ones leave on {momentInWords(first, hours.zone)}, {zoneInWords(hours.zone)} time.
          </strong>
        )}
      </p>
      <Checkbox isSelected={onlySameDay} onChange={onChange}>
        <span>
          Only on that day
          <span className="text-muted block text-[13px]">
            What has not left when the hours end does not leave at all, instead of on the next day. The report counts
            it.
          </span>
        </span>
      </Checkbox>
    </div>
  );
}
