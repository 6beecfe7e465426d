// How a form looks: a few choices from which the page's style is made.
import { z } from 'zod';

const ColourSchema = z.string().regex(/^#[0-9a-f]{6}$/i, 'A colour looks like #0a5751.');

/** Families that every device has, so that nothing is loaded. */
export const FONTS = {
  system: 'system-ui, sans-serif',
  humanist: "'Gill Sans', Calibri, Seravek, sans-serif",
  geometric: "Avenir, Montserrat, Corbel, 'URW Gothic', sans-serif",
  serif: "Charter, 'Bitstream Charter', Cambria, serif",
  oldstyle: "'Iowan Old Style', Palatino, 'URW Palladio L', serif",
} as const;

/** Null: as the section's brand. */
export const LookSchema = z
  .object({
    accent: ColourSchema.nullable().default(null),
    font: z.enum(Object.keys(FONTS) as [keyof typeof FONTS, ...(keyof typeof FONTS)[]]).default('system'),
    corners: z.enum(['square', 'round']).default('round'),
    /** `auto`: as the visitor's device. */
    scheme: z.enum(['light', 'dark', 'auto']).default('light'),
    /** Whether the section's logo stands above the form. */
    logo: z.boolean().default(false),
  })
  .prefault({});
export type Look = z.output<typeof LookSchema>;
