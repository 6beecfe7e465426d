// The group of a tag: the chosen one, or the prefix of its name before a colon.
import { z } from 'zod';
import { sql } from '@/lib/db/sql';
import { NameSchema } from '@/lib/naming/names';

export const GROUP_MAX = 50;

/** A group's name, up to 50 characters; '' for none. */
export const TagGroupSchema = z.string().transform((text, context) => {
  if (text.trim() === '') return '';
  const name = NameSchema.safeParse(text);
  if (name.success && [...name.data].length <= GROUP_MAX) return name.data;
  const message = name.success ? `Use at most ${GROUP_MAX} characters.` : name.error.issues[0]!.message;
  context.addIssue({ code: 'custom', message: message.replace('The name', 'The group') });
  return z.NEVER;
});

/**
 * The group of a row of `tag`: the chosen one, or else the prefix of its name, as in `Lime: VIP`; '' if there is neither. A space has to
 * follow the colon, so that `10:30 breakfast` has no prefix. Without a regular expression, which takes 100 ms for 5,000 tags.
 */
export const groupOfTag = sql`case
  when tag.group_name <> '' then tag.group_name
  when strpos(tag.name, ': ') between 2 and 51 and strpos(tag.name, ':') = strpos(tag.name, ': ')
    then btrim(split_part(tag.name, ':', 1))
  else ''
end`;
