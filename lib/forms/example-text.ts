// A text of a template that says nothing yet. Imports nothing, so that the builder can use it.

/** Of the sign-up to an event: nobody else can know what it is about. */
export const EXAMPLE_TEXT = 'When, where, and what people can look forward to.';
