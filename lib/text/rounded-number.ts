/** 1.23456789012345E+18, or 1,23457E+11 as a sheet displays it. */
const ROUNDED = /^-?\d[.,]\d{2,}E\+\d{1,3}$/i;

/** Whether a text is a whole number in the notation with which spreadsheets drop its last digits: a lost ID. */
export const isRoundedNumber = (text: string): boolean => ROUNDED.test(text.trim());

/** What to say about such a cell, after its text. */
export const ROUNDED_NUMBER =
  'is a long number whose last digits a spreadsheet may have dropped: format the column as text';
