'use client';
// What contacts are found by, in the order in which it is tried.
import { ArrowUp } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { IconButton } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/field';
import { MATCH_RULES, type MatchRule } from '@/lib/integrations/schema';

const WORDS: Record<MatchRule, string> = {
  email: 'Email',
  mobile: 'Mobile',
  crm_id: 'CRM ID',
  custom: 'Another field',
};

type Props = {
  value: readonly MatchRule[];
  onChange: (value: MatchRule[]) => void;
  error?: string;
  /** What is chosen for another field. */
  custom: ReactNode;
};

export function MatchRules({ value, onChange, error, custom }: Props) {
  const others = MATCH_RULES.filter((rule) => !value.includes(rule));
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-[13px] font-medium">Contacts are found by, in this order</legend>
      {[...value, ...others].map((rule) => {
        const place = value.indexOf(rule);
        return (
          <Fragment key={rule}>
            <div className="flex h-8 items-center gap-2">
              <Checkbox
                isSelected={place >= 0}
                onChange={(on) => onChange(on ? [...value, rule] : value.filter((item) => item !== rule))}
              >
                {WORDS[rule]}
              </Checkbox>
              {place > 0 && (
                <IconButton label={`Try ${WORDS[rule]} earlier`} onPress={() => onChange(earlier(value, place))}>
                  <ArrowUp aria-hidden className="size-4" />
                </IconButton>
              )}
            </div>
            {rule === 'custom' && place >= 0 && custom}
          </Fragment>
        );
      })}
      <p className="text-muted text-[13px]">
        The contact’s email and mobile are compared with those of profiles here, and its ID in the CRM with the CRM ID
        of profiles.
      </p>
      {error && (
        <p role="alert" className="text-danger text-[13px]">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function earlier(rules: readonly MatchRule[], place: number): MatchRule[] {
  const moved = rules.filter((_, index) => index !== place);
  moved.splice(place - 1, 0, rules[place]!);
  return moved;
}
