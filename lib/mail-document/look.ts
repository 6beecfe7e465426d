// Measures and fonts of a mail, for the compiler and for the editor's canvas.
import type { Brand } from './schema';

/** Pixels. */
export const CONTENT_WIDTH = 600;
export const COLUMN_PADDING = 24;

const FONTS: Record<Brand['font'], string> = {
  system: `-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif`,
  sans: 'Helvetica, Arial, sans-serif',
  serif: `Georgia, 'Times New Roman', serif`,
};

/** The fonts of a brand, as CSS. Only those that computers have: a mail cannot rely on others. */
export const fontsOf = ({ font }: Pick<Brand, 'font'>): string => FONTS[font];
