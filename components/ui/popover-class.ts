// The look of popovers. Their width is set where they are used.

/** Fields or words. */
export const popoverClass = 'bg-raised border-line shadow-raised rounded-lg border p-3';

/** A list to choose from, whose entries have an edge of their own. */
export const listPopoverClass = 'bg-raised border-line shadow-raised rounded-md border p-1';
