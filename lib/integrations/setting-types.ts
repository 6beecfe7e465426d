// Types of settings that several connectors have.
import { z } from 'zod';

/** The address of a server, without the slash at its end. `withPath`: the message if it has a path; without it, a path is kept. */
export const webAddress = (message: string, withPath?: string) =>
  z
    .string(message)
    .trim()
    .transform((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : null;
      if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
        context.addIssue({ code: 'custom', message });
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
