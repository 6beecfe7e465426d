// The way through the steps of a message.
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { STEP_NAMES, type Step } from './steps';

type Props = { steps: readonly Step[]; step: Step; onGo: (step: Step) => void };

/** All steps, of which one is shown. */
export function StepsNav({ steps, step, onGo }: Props) {
  return (
    <nav aria-label="Steps" className="border-line mb-4 flex gap-1 overflow-x-auto border-b">
      {steps.map((each, index) => (
        <button
          key={each}
          type="button"
          onClick={() => onGo(each)}
          {...(each === step && { 'aria-current': 'step' as const })}
          className={clsx(
            '-mb-px flex items-center gap-2 border-b-2 px-2 py-2 whitespace-nowrap sm:px-3 focus-visible:-outline-offset-2',
            each === step ? 'border-accent font-medium' : 'text-muted hover:text-ink border-transparent',
          )}
        >
          <span
            aria-hidden
            className={clsx(
              'hidden size-5 items-center justify-center rounded-full text-xs sm:flex',
              each === step ? 'bg-accent text-on-accent' : 'bg-sunken text-muted',
            )}
          >
            {index + 1}
          </span>
          {STEP_NAMES[each]}
        </button>
      ))}
    </nav>
  );
}

/** The button at the end of a step. `children`: others beside it. */
export function NextStep({ name, onGo, children }: { name: string; onGo: () => void; children?: ReactNode }) {
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {children}
      <Button
        variant="primary"
        onPress={() => {
          onGo();
          window.scrollTo({ top: 0 });
        }}
      >
        Next: {name}
      </Button>
    </div>
  );
}
