// Measures and fonts of a mail, for the compiler and for the editor's canvas.
import type { Brand } from './schema';

/** Pixels. */
export const CONTENT_WIDTH = 600;
export const COLUMN_PADDING = 24;

/** Of headings, by level. */
export const HEADING_SIZES = { 1: 28, 2: 22, 3: 18 } as const;
export const TEXT_SIZE = 16;
export const FOOTER_SIZE = 13;
export const FOOTER_COLOUR = '#52525b';
export const LINE_COLOUR = '#d4d4d8';

const FONTS: Record<Brand['font'], string> = {
  system: `-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif`,
  sans: 'Helvetica, Arial, sans-serif',
  serif: `Georgia, 'Times New Roman', serif`,
};

/** The fonts of a brand, as CSS. Only those that computers have: a mail cannot rely on others. */
export const fontsOf = ({ font }: Pick<Brand, 'font'>): string => FONTS[font];
