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
    '@min-[780px]:grid-cols-[minmax(0,1fr)_5rem_10.5rem_7.5rem_8.5rem_7rem]',
    '@min-[1000px]:grid-cols-[minmax(0,1fr)_8.5rem_5rem_10.5rem_8rem_9.5rem_7rem]',
  ),
};

/** Classes of a row. */
export const rowColumns = (rights: Rights) => clsx(ROW, COLUMNS[rights]);

/** Columns that are not always there. */
const FROM = {
  lastApplied: 'hidden @min-[560px]:block',
  trend: 'hidden @min-[780px]:flex items-center',
  usedIn: 'hidden @min-[780px]:block',
};
const OWNER: Record<Rights, string> = { read: 'hidden @min-[960px]:block', govern: 'hidden @min-[1000px]:block' };

export const columnClass = (rights: Rights) => ({ ...FROM, owner: OWNER[rights], profiles: 'text-right tabular-nums' });
