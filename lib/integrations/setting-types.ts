// Types of settings that several connectors have.
import { z } from 'zod';
import type { SettingField } from './connector';

/** An address that lacks only `https://`. */
const lacksScheme = (text: string): boolean =>
  !text.includes('://') && /^[^\s/@]+\.[^\s/@]+/.test(text) && URL.canParse(`https://${text}`);

/** The address of a server, without the slash at its end. `withPath`: the message if it has a path; without it, a path is kept. */
export const webAddress = (message: string, withPath?: string) =>
  z
    .string(message)
    .trim()
    .transform((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : null;
      if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
        const begins = lacksScheme(text) ? 'Begin the address with https:// · ' : '';
        context.addIssue({ code: 'custom', message: `${begins}${message}` });
        return z.NEVER;
      }
      if (withPath && url.pathname !== '/') {
        context.addIssue({ code: 'custom', message: withPath });
        return z.NEVER;
      }
      return url.href.replace(/\/+$/, '');
    });

/** Names of fields: an array, or text with commas between them. */
export const fieldNames = (message: string) =>
  z
    .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
    .transform((names) => names.map((name) => name.trim()).filter((name) => name !== ''))
    .refine((names) => names.length > 0, message);

/** A setting that may be empty. */
export const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

/** A switch. Forms send it as text. */
export const switched = (usually: boolean) =>
  z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], 'Switch it on or off.')
    .default(usually);

/** A setting as text, behind 'More settings'. */
export const advanced = (name: string, label: string, example?: string, hint?: string): SettingField => ({
  name,
  label,
  kind: 'text',
  advanced: true,
  ...(example !== undefined && { example }),
  ...(hint !== undefined && { hint }),
});

/** What a form shows in a setting before anything was entered, as text: its default, or nothing. */
export function initialValue(settings: z.ZodType, name: string): string {
  const schema: unknown = settings instanceof z.ZodObject ? settings.shape[name] : undefined;
  const usual: unknown = schema instanceof z.ZodType ? schema.safeParse(undefined).data : undefined;
  if (Array.isArray(usual)) return usual.join(', ');
  return typeof usual === 'string' || typeof usual === 'number' || typeof usual === 'boolean' ? String(usual) : '';
}
