// Rules as they will be once something has changed for everyone in question: for saying beforehand who comes into a segment by that.
import type { SegmentId, TagId } from '@/lib/db/ids';
import type { Definitions } from './evaluation';
import type { Condition, Group, RuleNode, Rules } from './schema';

/** Whether everyone fits a condition by then, or nobody; undefined: as now. */
export type Decide = (condition: Condition) => boolean | undefined;

export type TagChange = { apply: readonly TagId[]; remove: readonly TagId[] };

/** Once they have got some tags and lost others. Conditions on how or when a tag was applied, or by which list, stay as they are now. */
export const decideTags =
  ({ apply, remove }: TagChange): Decide =>
  (condition) => {
    if (condition.kind === 'profile' && apply.length > 0) {
      if (condition.test === 'has_tag') return true;
      return condition.test === 'has_no_tag' ? false : undefined;
    }
    if (condition.kind !== 'tag') return undefined;
    const { tagId, test, source } = condition;
    if (source !== null || (test !== 'has' && test !== 'has_not')) return undefined;
    // A pair that is named twice is removed.
    if (remove.includes(tagId)) return test === 'has_not';
    return apply.includes(tagId) ? test === 'has' : undefined;
  };

/** Of people who are made by a change that gives them some tags: they have done nothing, and nothing is known of them but what it brings. */
export const decideNew =
  ({ apply }: Pick<TagChange, 'apply'>): Decide =>
  (condition) => {
    switch (condition.kind) {
      case 'tag':
        if (!apply.includes(condition.tagId)) return condition.test === 'has_not';
        return decideTags({ apply, remove: [] })(condition);
      case 'event':
        return condition.test === 'did_not' || fitsNone(condition.times);
      case 'profile':
        return decideTags({ apply, remove: [] })(condition);
      default:
        return undefined;
    }
  };

const fitsNone = ({ is, count }: Extract<Condition, { kind: 'event' }>['times']): boolean =>
  is === 'at_most' || count === 0;

/** `rules`: true if everyone fits, false if nobody does. `segments`: those in the rules, rewritten as well. */
export function assume(
  rules: Rules,
  segments: Definitions['segments'],
  decide: Decide,
): { rules: Rules | boolean; segments: Definitions['segments'] } {
  const rewritten = new Map<SegmentId, Rules | boolean>();
  const ofSegment = (id: SegmentId): Rules | boolean => {
    const known = rewritten.get(id);
    if (known !== undefined) return known;
    const result = ofRules(segments.get(id)!.rules);
    rewritten.set(id, result);
    return result;
  };
  const ofRules = (given: Rules): Rules | boolean => {
    const root = ofGroup(given.root);
    return typeof root === 'boolean' ? root : { ...given, root };
  };
  const ofGroup = ({ match, items, ...group }: Group): Group | boolean => {
    const parts = items.map((item) => (item.kind === 'group' ? ofGroup(item) : ofCondition(item)));
    const decides = match === 'all' ? false : true;
    const left = parts.filter((part): part is RuleNode => typeof part !== 'boolean');
    if (parts.includes(decides)) return match === 'any';
    return left.length === 0 ? match !== 'any' : { ...group, match, items: left };
  };
  const ofCondition = (condition: Condition): Condition | boolean => {
    if (condition.kind !== 'segment') return decide(condition) ?? condition;
    const used = ofSegment(condition.segmentId);
    return typeof used === 'boolean' ? used === (condition.test === 'in') : condition;
  };
  const result = ofRules(rules);
  return {
    rules: result,
    segments: new Map(
      [...segments].map(([id, segment]) => {
        const used = rewritten.get(id);
        return [id, used === undefined || typeof used === 'boolean' ? segment : { ...segment, rules: used }];
      }),
    ),
  };
}
