// What counts as no value.

/**
 * Whether a text has no visible characters, only white space and invisible ones. As a value it clears the attribute.
 */
export const isBlank = (text: string): boolean => !VISIBLE.test(text);

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;
