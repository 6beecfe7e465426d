'use client';
// Brings what a refusal is about into view: in a long form it may be far from the button that was pressed.
import { useEffect, type RefObject } from 'react';
import type { RefusalData } from '@/lib/access/refusal';

const INVALID = '[data-invalid], [aria-invalid="true"]';
const CONTROL = 'button, input, textarea';

/** After each refusal: focuses the first field of the form that shows an error, or scrolls to the message of the whole form. */
export function useShownProblem(form: RefObject<HTMLElement | null>, refusal: RefusalData | null): void {
  useEffect(() => {
    if (!refusal) return;
    const field = form.current?.querySelector<HTMLElement>(INVALID);
    if (!field) {
      [...(form.current?.querySelectorAll('[role="alert"]') ?? [])].at(-1)?.scrollIntoView({ block: 'nearest' });
      return;
    }
    const control = field.matches(CONTROL) ? field : field.querySelector<HTMLElement>(CONTROL);
    control?.focus({ preventScroll: true });
    field.scrollIntoView({ block: 'center' });
  }, [form, refusal]);
}
