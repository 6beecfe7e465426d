'use client';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { listPopoverClass, optionClass } from './popover-class';

export type MenuEntry =
  | {
      id: string;
      label: ReactNode;
      text: string;
      href?: string;
      onAction?: () => void;
      danger?: boolean;
      /** Whether it is what is shown or set now. Asked when the menu opens. */
      isCurrent?: () => boolean;
    }
  | 'line';

/** `trigger`: the button that opens it. */
export function Menu({ label, trigger, entries }: { label: string; trigger: ReactNode; entries: MenuEntry[] }) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={`${listPopoverClass} min-w-52`}>
        <AriaMenu aria-label={label} className="outline-none">
          {entries.map((entry, index) =>
            entry === 'line' ? (
              <Separator key={`line-${index}`} className="bg-line my-1 h-px" />
            ) : (
              <MenuItem
                key={entry.id}
                id={entry.id}
                textValue={entry.text}
                href={entry.href}
                onAction={entry.onAction}
                className={`${optionClass} flex items-center gap-2 ${entry.danger ? 'text-danger' : ''}`}
              >
                {entry.label}
                {entry.isCurrent && <CurrentMark isCurrent={entry.isCurrent} />}
              </MenuItem>
            ),
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

/** Asks when it is shown: what is current may be known in the browser only. */
function CurrentMark({ isCurrent }: { isCurrent: () => boolean }) {
  return isCurrent() && <Check aria-label="current" className="text-accent ml-auto size-4 shrink-0" />;
}
