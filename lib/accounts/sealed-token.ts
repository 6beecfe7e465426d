// What a browser carries from one step to the next: sealed, for a short time, and of one kind. Nothing is stored for it.
import { z } from 'zod';
import { seal, unsealIfReadable } from '@/lib/config/seal';

type SealedToken<Content> = {
  make: (content: Content, at?: Date) => string;
  /** Undefined if it is forged, of another kind, too old, or sealed with an earlier secret. */
  read: (token: string | undefined, at?: Date) => Content | undefined;
};

const Whole = z.object({ kind: z.string(), until: z.number(), content: z.unknown() });

/** A kind of token, valid for some minutes. */
export function sealedToken<Content>(
  kind: string,
  shape: z.ZodType<Content>,
  { minutes }: { minutes: number },
): SealedToken<Content> {
  return {
    make: (content, at = new Date()) =>
      seal(JSON.stringify({ kind, until: at.getTime() + minutes * 60_000, content })).toString('base64url'),
    read: (token, at = new Date()) => {
      const whole = Whole.safeParse(token ? jsonIn(token) : undefined);
      if (!whole.success || whole.data.kind !== kind || whole.data.until <= at.getTime()) return undefined;
      return shape.safeParse(whole.data.content).data;
    },
  };
}

/** What was sealed; undefined if it is something else. */
function jsonIn(token: string): unknown {
  const text = unsealIfReadable(Buffer.from(token, 'base64url'));
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
