'use client';
// Who of a test group got no test, and why.
import { Banner } from '@/components/ui/display';
import type { TestMemberWhy } from '@/lib/messages/test-groups-schema';
import type { TestResult } from '@/lib/messages/test-mail';

type Props = { people: TestResult['leftOut']; words: Record<TestMemberWhy, string> };

export function TestLeftOut({ people, words }: Props) {
  if (people.length === 0) return null;
  return (
    <Banner tone="warning">
      <ul className="flex flex-col">
        {people.map(({ id, name, why }) => (
          <li key={id}>
            <bdi>{name}</bdi> gets none: {words[why!]}.
          </li>
        ))}
      </ul>
    </Banner>
  );
}
