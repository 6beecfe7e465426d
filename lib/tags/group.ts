// The group of a tag: the chosen one, or the prefix of its name before a colon.
import { z } from 'zod';
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

/** `Lime: VIP`. The colon must be followed by white space, so that `10:30 breakfast` has no prefix. */
const PREFIX = /^([^:]{1,50}):\s+\S/u;

/** The chosen group, otherwise the prefix of the name, otherwise ''. */
export function groupOf({ name, groupName }: { name: string; groupName: string }): string {
  return groupName || (PREFIX.exec(name)?.[1]?.trim() ?? '');
}
