'use client';
// Buttons: primary for the main action, secondary, quiet in dense places, danger for irreversible actions.
import { LoaderCircle } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import {
  Button as AriaButton,
  Link as AriaLink,
  Tooltip,
  TooltipTrigger,
  type ButtonProps as AriaButtonProps,
} from 'react-aria-components';
import { buttonClass, type ButtonLook } from './button-class';

export type ButtonProps = Omit<AriaButtonProps, 'className' | 'style' | 'children'> &
  ButtonLook & { children: ReactNode; ref?: Ref<HTMLButtonElement> };

/** `isPending`: shows progress and ignores further presses. */
export function Button({ variant, size, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={buttonClass({ variant, size })}>
      {props.isPending && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </AriaButton>
  );
}

type ButtonLinkProps = ButtonLook & {
  href: string;
  children: ReactNode;
  newTab?: boolean;
  'aria-label'?: string;
  onPress?: () => void;
  /** It leads back to a page: the address of the link there that gets the focus. */
  returnsTo?: string;
};

/** A link that looks like a button. `onPress`: called in addition to navigation. */
export function ButtonLink({ href, variant, size, children, newTab, onPress, returnsTo, ...label }: ButtonLinkProps) {
  return (
    <AriaLink
      {...label}
      href={href}
      {...(newTab && { target: '_blank', rel: 'noopener' })}
      onPress={onPress}
      data-returns-to={returnsTo}
      className={buttonClass({ variant, size })}
    >
      {children}
    </AriaLink>
  );
}

/** An icon button; its label is the tooltip and the accessible name. */
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
