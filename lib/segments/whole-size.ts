// The total size of rules including nested segments: one statement must be able to hold it.
import type { SegmentId } from '@/lib/db/ids';
import type { Definitions } from './evaluation';
import type { RuleNode } from './schema';

/** `conditions`: each field of an event counts as one. */
export const WHOLE_MAX = { conditions: 1_000, levels: 30 };

type WholeSize = { conditions: number; levels: number };

/** The number of conditions and the depth of rules, including nested segments. The segments must be free of cycles. */
export function wholeSize(
  root: RuleNode,
  segments: Definitions['segments'],
  seen = new Map<SegmentId, WholeSize>(),
): WholeSize {
  switch (root.kind) {
    case 'group': {
      const sizes = root.items.map((item) => wholeSize(item, segments, seen));
      return {
        conditions: sizes.reduce((sum, { conditions }) => sum + conditions, 0),
        levels: 1 + Math.max(...sizes.map(({ levels }) => levels)),
      };
    }
    case 'segment': {
      const used = segments.get(root.segmentId);
      const size =
        seen.get(root.segmentId) ?? (used ? wholeSize(used.rules.root, segments, seen) : { conditions: 1, levels: 0 });
      seen.set(root.segmentId, size);
      return size;
    }
    case 'event':
      return { conditions: 1 + root.fields.length, levels: 0 };
    default:
      return { conditions: 1, levels: 0 };
  }
}

/** Why rules are too large with their nested segments, as part of a sentence; undefined if they are not. */
export function tooLarge({ conditions, levels }: WholeSize): string | undefined {
  const number = (value: number) => value.toLocaleString('en-GB');
  if (conditions > WHOLE_MAX.conditions) {
    return `it has ${number(conditions)} conditions, including those of the segments it uses and of event fields, and at most ${number(WHOLE_MAX.conditions)} are possible`;
  }
  if (levels > WHOLE_MAX.levels) {
    return `including the segments it uses, its groups are ${levels} levels deep, and at most ${WHOLE_MAX.levels} are possible`;
  }
  return undefined;
}
