// Classes of popovers. Their width is set where they are used.

/** With fields or text. */
export const popoverClass = 'bg-raised border-line shadow-raised rounded-lg border p-3';

/** With a list of options that have their own padding. */
export const listPopoverClass = 'bg-raised border-line shadow-raised rounded-md border p-1';
