// The look of a button, also for links and triggers. For server and browser.
import clsx from 'clsx';

export type ButtonLook = { variant?: 'primary' | 'secondary' | 'quiet' | 'danger'; size?: 'small' | 'medium' };

const VARIANTS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover border-transparent',
  secondary: 'bg-surface text-ink border-line-strong hover:bg-hover',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-hover',
  danger: 'bg-danger text-surface border-transparent hover:opacity-90',
};

export function buttonClass({ variant = 'secondary', size = 'medium' }: ButtonLook = {}): string {
  return clsx(
    'inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors',
    'disabled:opacity-50 disabled:pointer-events-none',
    size === 'small' ? 'h-7 px-2 text-[13px]' : 'h-9 px-3',
    VARIANTS[variant],
  );
}
