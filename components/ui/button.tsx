'use client';
// Buttons: primary for the one thing to do, secondary, quiet in dense places, danger for what is for good.
import clsx from 'clsx';
import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Link as AriaLink,
  Tooltip,
  TooltipTrigger,
  type ButtonProps as AriaButtonProps,
} from 'react-aria-components';

type Look = { variant?: 'primary' | 'secondary' | 'quiet' | 'danger'; size?: 'small' | 'medium' };

const VARIANTS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover border-transparent',
  secondary: 'bg-surface text-ink border-line-strong hover:bg-hover',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-hover',
  danger: 'bg-danger text-surface border-transparent hover:opacity-90',
};

export function buttonClass({ variant = 'secondary', size = 'medium' }: Look = {}): string {
  return clsx(
    'inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors',
    'disabled:opacity-50 disabled:pointer-events-none',
    size === 'small' ? 'h-7 px-2 text-[13px]' : 'h-9 px-3',
    VARIANTS[variant],
  );
}

export type ButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children'> & Look & { children: ReactNode };

/** `isPending`: shows that work is under way and takes no further press. */
export function Button({ variant, size, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={buttonClass({ variant, size })}>
      {props.isPending && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </AriaButton>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  href,
  variant,
  size,
  children,
  download,
}: Look & { href: string; children: ReactNode; download?: boolean }) {
  return (
    <AriaLink href={href} {...(download && { download: true })} className={buttonClass({ variant, size })}>
      {children}
    </AriaLink>
  );
}

/** An icon with its name as a tooltip and for screen readers. */
export function IconButton({ label, children, ...props }: Omit<ButtonProps, 'size' | 'variant'> & { label: string }) {
  return (
    <TooltipTrigger delay={400}>
      <AriaButton
        {...props}
        aria-label={label}
        className="text-muted hover:text-ink hover:bg-hover inline-flex size-8 shrink-0 items-center justify-center rounded-md disabled:opacity-40"
      >
        {children}
      </AriaButton>
      <Tooltip offset={6} className="bg-ink text-ground rounded px-2 py-1 text-xs">
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
