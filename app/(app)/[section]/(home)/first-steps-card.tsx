// The first steps in a section, until all of them have been taken.
import { Suspense } from 'react';
import { readFirstSteps } from '@/lib/home/reads';
import { SUGGESTED_TAGS } from '@/lib/tags/suggestions';
import { FirstSteps } from './first-steps';
import { valueOrNull, type Of } from './part';

/** `others`: the sections whose data model may be copied. */
type Props = Of & { others: { id: number; name: string }[] };

export function FirstStepsCard(props: Props) {
  return (
    <Suspense fallback={null}>
      <Steps {...props} />
    </Suspense>
  );
}

async function Steps({ actor, section, others }: Props) {
  const steps = await valueOrNull(readFirstSteps(actor, { sectionId: section.id }));
  if (steps === null || (steps.tags && steps.people && steps.tagged && steps.segment)) return null;
  return <FirstSteps section={section} steps={steps} suggestions={SUGGESTED_TAGS} others={others} />;
}
