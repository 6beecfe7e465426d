'use client';
// A rule of the section: one of a few, saved by itself.
import { useRouter } from 'next/navigation';
import { useId, useState, type ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup, type Option } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';

type Props<Rule extends string> = {
  title: string;
  explains?: string;
  /** The question that the rule answers. */
  label: string;
  rule: Rule;
  options: readonly Option<Rule>[];
  action: SubmitAction<unknown>;
  input: (rule: Rule) => unknown;
  /** What the rule holds for: 'messages'. */
  holdsFor: string;
  children?: ReactNode;
};

export function RuleForm<Rule extends string>(props: Props<Rule>) {
  const { title, explains, label, rule, options, action, input, holdsFor, children } = props;
  const router = useRouter();
  const toast = useToast();
  const id = useId();
  const [chosen, setChosen] = useState(rule);
  const { refusal, pending, submit } = useSubmission();
  return (
    <form
      aria-labelledby={id}
      className={`${cardClass} mt-6 flex max-w-2xl flex-col gap-3 p-4`}
      onSubmit={submit(action, input(chosen), () => {
        toast(`Saved. It holds for ${holdsFor} from now on.`);
        router.refresh();
      })}
    >
      <h2 id={id} className="font-medium">
        {title}
      </h2>
      {explains && <p className="text-muted text-[13px]">{explains}</p>}
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
      <RadioGroup label={label} value={chosen} options={options} onChange={setChosen} />
      {children}
      <div>
        <Button type="submit" variant="primary" isPending={pending} isDisabled={chosen === rule}>
          Save
        </Button>
      </div>
    </form>
  );
}
