'use client';
// The head of each of a form's pages: its name and state, the way to its other pages, and what can be done with it.
import clsx from 'clsx';
import { Copy, DoorClosed, DoorOpen, Ellipsis, ExternalLink, RotateCcw, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { buttonClass } from '@/components/ui/button-class';
import { Link } from '@/components/ui/link';
import { Menu, type MenuEntry } from '@/components/ui/menu';
import type { SectionId } from '@/lib/db/ids';
import type { FormDetails } from '@/lib/forms/queries';
import { FormStatus } from '../status';
import { useWholeForm } from '../use-whole-form';

const PAGES = [
  { page: '', label: 'Build' },
  { page: '/share', label: 'Share' },
  { page: '/submissions', label: 'Submissions' },
  { page: '/numbers', label: 'Numbers' },
] as const;

export type HeadedForm = Pick<FormDetails, 'id' | 'name' | 'version' | 'open' | 'isChanged' | 'attention' | 'path'>;

type Props = {
  section: { id: SectionId; slug: string };
  form: HeadedForm;
  here: (typeof PAGES)[number]['page'];
  /** In place of the plain name. */
  name?: ReactNode;
  /** Beside the way back. */
  state?: ReactNode;
  actions?: ReactNode;
  /** Called before it is copied; false: it is not. */
  beforeCopy?: () => Promise<boolean>;
  /** Gives up what is not published; none: there is nothing. */
  onDiscard?: () => void;
  onDeleted?: () => void;
};

export function FormHeader({ section, form, here, name, state, actions, beforeCopy, onDiscard, onDeleted }: Props) {
  const router = useRouter();
  const { copy, remove, setOpen } = useWholeForm(section);
  const list = `/${section.slug}/forms`;
  const { id, version, open } = form;
  const entry = (key: string, text: string, Icon: typeof Copy, onAction: () => void, danger = false): MenuEntry => ({
    id: key,
    text,
    danger,
    onAction,
    label: (
      <>
        <Icon aria-hidden className={`size-4 ${danger ? '' : 'text-muted'}`} /> {text}
      </>
    ),
  });
  return (
    <header className="pb-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 pb-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="text-muted flex items-center gap-2 text-[13px]">
            <Link href={list} className="underline">
              All forms
            </Link>
            {state && <>· {state}</>}
          </p>
          <div className="flex flex-wrap items-center gap-2">
            {name ?? <h1 className="text-xl font-semibold wrap-anywhere">{form.name}</h1>}
            <FormStatus form={form} />
          </div>
        </div>
        <div className="flex items-center gap-2">
          {version !== null && (
            <a href={form.path} target="_blank" rel="noopener" className={buttonClass()}>
              <ExternalLink aria-hidden className="size-4" /> See it
            </a>
          )}
          {actions}
          <Menu
            label="More"
            trigger={
              <AriaButton aria-label="More" className={buttonClass({ variant: 'quiet' })}>
                <Ellipsis aria-hidden className="size-4" />
              </AriaButton>
            }
            entries={[
              ...(version === null
                ? []
                : [
                    open
                      ? entry('close', 'Close', DoorClosed, () => void setOpen(form, false))
                      : entry('open', 'Open again', DoorOpen, () => void setOpen(form, true)),
                  ]),
              entry('copy', 'Make a copy', Copy, () => {
                void (async () => {
                  if ((await beforeCopy?.()) ?? true) await copy(id);
                })();
              }),
              ...(onDiscard ? [entry('discard', 'Discard unpublished changes', RotateCcw, onDiscard)] : []),
              'line' as const,
              entry(
                'delete',
                'Delete',
                Trash2,
                () =>
                  void remove(form, () => {
                    onDeleted?.();
                    router.push(list);
                  }),
                true,
              ),
            ]}
          />
        </div>
      </div>
      <nav aria-label="Pages of the form" className="flex gap-1 overflow-x-auto">
        {PAGES.map(({ page, label }) => (
          <Link
            key={page}
            href={`${list}/${id}${page}`}
            {...(page === here && { 'aria-current': 'page' as const })}
            className={clsx(
              'rounded-md px-3 py-1.5 whitespace-nowrap -outline-offset-2',
              page === here ? 'bg-accent-soft text-accent-ink font-medium' : 'hover:bg-hover',
            )}
          >
            {label}
          </Link>
        ))}
      </nav>
    </header>
  );
}
