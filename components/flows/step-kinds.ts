// The kinds of steps that can be added, and new ones of them.
import {
  AlarmClock,
  BellRing,
  CalendarClock,
  CircleStop,
  Clock,
  GitBranch,
  Hourglass,
  Mail,
  MessageSquareText,
  PencilLine,
  Split as SplitIcon,
  Tags,
  Waypoints,
  Webhook,
  type LucideIcon,
} from 'lucide-react';
import { StepsSchema, type Step, type StepKind } from '@/lib/flows/schema';
import { KIND_WORDS } from '@/lib/flows/words';
import { newStepId } from './tree';

/** `also`: other words by which somebody may look for it. */
export type KindOffer = { kind: StepKind; name: string; hint: string; also: string; Icon: LucideIcon };

const OFFERS: Record<StepKind, Omit<KindOffer, 'kind' | 'name'>> = {
  email: { hint: 'One of your messages', also: 'mail send message newsletter', Icon: Mail },
  sms: { hint: 'One of your messages', also: 'text send message mobile', Icon: MessageSquareText },
  wait: { hint: 'Some hours or days', also: 'delay pause time', Icon: Hourglass },
  wait_for: {
    hint: 'A tag, a form, a click',
    also: 'until listen event goal response opened clicked',
    Icon: AlarmClock,
  },
  wait_date: { hint: 'Before or after it', also: 'until birthday anniversary', Icon: CalendarClock },
  wait_hours: { hint: 'Office hours, weekdays', also: 'until time day window quiet hours weekend', Icon: Clock },
  branch: { hint: 'Who fits goes another way', also: 'if else condition decision yes no', Icon: GitBranch },
  split: { hint: 'By chance, in shares', also: 'a/b ab test percent random', Icon: SplitIcon },
  tags: { hint: 'Apply or remove them', also: 'label add remove mark', Icon: Tags },
  attribute: { hint: 'Set a value', also: 'field change value property', Icon: PencilLine },
  notify: { hint: 'By email', also: 'colleague sales tell alert inform', Icon: BellRing },
  webhook: { hint: 'Tell another system', also: 'http call api url', Icon: Webhook },
  enter: { hint: 'Go on in one of them', also: 'jump start flow', Icon: Waypoints },
  leave: { hint: 'The flow ends here', also: 'exit stop end', Icon: CircleStop },
};

/** In the order in which they are offered. */
export const KINDS: readonly KindOffer[] = (Object.keys(OFFERS) as StepKind[]).map((kind) => ({
  kind,
  name: KIND_WORDS[kind],
  ...OFFERS[kind],
}));

export const iconOf = (kind: StepKind): LucideIcon => OFFERS[kind].Icon;

/** A step with nothing chosen yet. */
export function newStep(kind: StepKind): Step {
  const [step] = StepsSchema.parse([{ id: newStepId(), kind, ...partsOf(kind) }]);
  return step!;
}

function partsOf(kind: StepKind): object {
  const way = () => ({ id: newStepId(), steps: [] });
  switch (kind) {
    case 'branch':
      return { ways: [way()], otherwise: [] };
    case 'split':
      return { ways: [50, 50].map((percent) => ({ ...way(), percent })) };
    case 'wait_for':
      return { ways: [{ ...way(), what: { kind: 'tag_applied' } }], otherwise: [] };
    default:
      return {};
  }
}
