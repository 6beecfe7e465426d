// The columns of the tags table: as many as the table is wide enough for, each whole.
import clsx from 'clsx';

/** `govern`: with buttons to edit, merge and hide, in a menu where the table is narrow. */
export type Rights = 'read' | 'govern';

const ROW = 'grid items-center gap-x-3 px-3';

const COLUMNS: Record<Rights, string> = {
  read: clsx(
    'grid-cols-[1.75rem_minmax(0,1fr)_4.5rem]',
    '@min-[560px]:grid-cols-[1.75rem_minmax(0,1fr)_5rem_8rem]',
    '@min-[780px]:grid-cols-[1.75rem_minmax(0,1fr)_5rem_10.5rem_8rem_9.5rem]',
    '@min-[960px]:grid-cols-[1.75rem_minmax(0,1fr)_8.5rem_5rem_10.5rem_8rem_9.5rem]',
  ),
  govern: clsx(
    'grid-cols-[minmax(0,1fr)_4.5rem_2rem]',
    '@min-[560px]:grid-cols-[minmax(0,1fr)_5rem_8rem_7rem]',
    // Who is responsible matters more here than a curve.
    '@min-[780px]:grid-cols-[minmax(0,1fr)_7.5rem_5rem_7.5rem_8.5rem_7rem]',
    '@min-[1000px]:grid-cols-[minmax(0,1fr)_8.5rem_5rem_10.5rem_8rem_9.5rem_7rem]',
  ),
};

/** Classes of a row. */
export const rowColumns = (rights: Rights) => clsx(ROW, COLUMNS[rights]);

/** Columns that are not always there. */
const FROM = { lastApplied: 'hidden @min-[560px]:block', usedIn: 'hidden @min-[780px]:block' };
const BY_RIGHTS: Record<Rights, { owner: string; trend: string }> = {
  read: { owner: 'hidden @min-[960px]:block', trend: 'hidden @min-[780px]:flex items-center' },
  govern: { owner: 'hidden @min-[780px]:block', trend: 'hidden @min-[1000px]:flex items-center' },
};

export const columnClass = (rights: Rights) => ({ ...FROM, ...BY_RIGHTS[rights], profiles: 'text-right tabular-nums' });
