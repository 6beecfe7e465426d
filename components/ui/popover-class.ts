// What floats beside the thing that opened it looks like. Its width is said where it is used.

/** Fields or words. */
export const popoverClass = 'bg-raised border-line shadow-raised rounded-lg border p-3';

/** A list to choose from, whose entries have an edge of their own. */
export const listPopoverClass = 'bg-raised border-line shadow-raised rounded-md border p-1';
