/** Of a picture in a mail, in pixels: the mail without its margins. */
export const WHOLE_WIDTH = 552;

const PARTS = [
  { part: 1, label: 'Whole width' },
  { part: 0.75, label: 'Three quarters' },
  { part: 0.5, label: 'Half' },
  { part: 0.25, label: 'A quarter' },
];
const ICON = { px: 64, label: 'An icon' };

/** The widths that a picture can have where `whole` pixels are the whole width, as options of a select. */
export const pictureWidths = (whole: number): { value: string; label: string }[] =>
  [...PARTS.map(({ part, label }) => ({ px: whole * part, label })), ICON].map(({ px, label }) => ({
    value: String(px),
    label,
  }));

/** The option that is closest to a width. */
export const nearestWidth = (whole: number, width: number): string =>
  pictureWidths(whole).toSorted(
    (left, right) => Math.abs(Number(left.value) - width) - Math.abs(Number(right.value) - width),
  )[0]!.value;
