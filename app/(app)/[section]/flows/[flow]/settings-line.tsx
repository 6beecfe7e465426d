'use client';
// What holds for everybody in the flow, in one line that leads to it.
import { Settings2 } from 'lucide-react';
import { useTagLabels } from '@/components/tags/use-tags';
import { Button } from '@/components/ui/button';
import { periodInWords } from '@/lib/flows/period';
import type { FlowSettings } from '@/lib/flows/schema';

type Props = { slug: string; settings: FlowSettings; onPress: () => void };

export function SettingsLine({ slug, settings, onPress }: Props) {
  const { exitTagId, again, goal, hours } = settings;
  const goalTag = goal?.kind === 'tag' ? goal.tagId : null;
  const { labels } = useTagLabels(
    slug,
    [exitTagId, goalTag].filter((id) => id !== null),
  );
  const parts = [
    again.kind === 'once'
      ? 'Everybody enters once'
      : again.kind === 'each_time'
        ? 'May enter each time'
        : `May enter again after ${again.days === 1 ? 'a day' : `${again.days} days`}`,
    goal && (goalTag === null ? 'has a goal' : `goal ${labels.get(goalTag)?.name ?? '…'}`),
    periodInWords(settings),
    exitTagId !== null && `leaves with ${labels.get(exitTagId)?.name ?? '…'}`,
    hours && `messages ${hours.from}–${hours.to}`,
  ].filter(Boolean);
  return (
    <Button size="small" variant="quiet" aria-label={`Settings: ${parts.join(', ')}`} onPress={onPress}>
      <Settings2 aria-hidden className="size-4" />
      <span className="max-sm:hidden">{parts.join(' · ')}</span>
      <span className="sm:hidden">Settings</span>
    </Button>
  );
}
