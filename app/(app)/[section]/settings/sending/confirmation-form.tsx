'use client';
// Which forms of the section ask for a confirmation by email.
import { Banner } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { ConfirmationRule } from '@/lib/forms/confirmation-rule';
import type { Unconfirmed } from '@/lib/forms/rule';
import { setFormRuleAction } from './actions';
import { RuleForm } from './rule-form';
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

export const ConfirmationForm = ({ section, rule, unconfirmed }: Props) => (
  <RuleForm
    title="Forms"
    label="Which forms ask people to confirm by email"
    rule={rule}
    options={OPTIONS}
    action={setFormRuleAction}
    input={(confirmation) => ({ sectionId: section.id, confirmation })}
    holdsFor="forms that are published"
  >
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
  </RuleForm>
);
