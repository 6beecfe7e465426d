// Classes of popovers and of the options in them. The width of a popover is set where it is used.

/** With fields or text. */
export const popoverClass = 'bg-raised border-line shadow-raised rounded-lg border p-3';

/**
 * With a list of options that have their own padding. It scrolls: one that is taller than the room beside its button would lie over the button, where
 * letting go of the mouse chooses.
 */
export const listPopoverClass = 'bg-raised border-line shadow-raised overflow-auto rounded-md border p-1';

/** The option that Enter would choose: a background alone is too faint to be found. */
export const activeOptionClass = 'bg-hover outline-2 -outline-offset-2 outline-focus';

/** An option of a menu or a select, which gets the focus itself, and its ring with it. */
export const optionClass = 'cursor-default rounded px-2 py-1.5 -outline-offset-2 data-[focused]:bg-hover';
