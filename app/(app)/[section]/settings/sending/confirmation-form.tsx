'use client';
// Which forms of the section ask for a confirmation by email.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ConfirmationRule } from '@/lib/forms/confirmation-rule';
import type { Unconfirmed } from '@/lib/forms/rule';
import { setFormRuleAction } from './actions';
import type { SectionRef } from './words';

const OPTIONS = [
  { value: 'form' as const, label: 'Those that say so', hint: 'Each form decides.' },
  { value: 'consents' as const, label: 'Every form with a consent', hint: 'So that each consent is proven.' },
  {
    value: 'all' as const,
    label: 'Every form',
    hint: 'Forms that find people by their mobile number cannot be published then.',
  },
];

type Props = { section: SectionRef; rule: ConfirmationRule; unconfirmed: readonly Unconfirmed[] };

export function ConfirmationForm({ section, rule, unconfirmed }: Props) {
  const router = useRouter();
  const toast = useToast();
  const [confirmation, setConfirmation] = useState(rule);
  const { refusal, pending, submit } = useSubmission();
  return (
    <form
      aria-labelledby="confirmation"
      className={`${cardClass} mt-6 flex max-w-2xl flex-col gap-3 p-4`}
      onSubmit={submit(setFormRuleAction, { sectionId: section.id, confirmation }, () => {
        toast('Saved. It holds for forms that are published from now on.');
        router.refresh();
      })}
    >
      <h2 id="confirmation" className="font-medium">
        Forms
      </h2>
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <RadioGroup
        label="Which forms ask people to confirm by email"
        value={confirmation}
        options={OPTIONS}
        onChange={setConfirmation}
      />
      {unconfirmed.length > 0 && (
        <Banner tone="warning">
          <p>Published before, and still without a confirmation:</p>
          <ul className="mt-1 list-disc pl-5">
            {unconfirmed.map(({ id, name }) => (
              <li key={id}>
                <Link href={`/${section.slug}/forms/${id}?part=confirmation`} className="underline">
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </Banner>
      )}
      <div>
        <Button type="submit" variant="primary" isPending={pending} isDisabled={confirmation === rule}>
          Save
        </Button>
      </div>
    </form>
  );
}
