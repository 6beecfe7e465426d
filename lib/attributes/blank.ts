// What counts as no value.

/** Whether a text shows nothing: white space and invisible characters only. As a value it clears what was there. */
export const isBlank = (text: string): boolean => !VISIBLE.test(text);

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;
