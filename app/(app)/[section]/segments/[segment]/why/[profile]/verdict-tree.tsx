// Whether each condition holds for the profile, with the evidence.
import { Check, X } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { DateTime } from '@/components/ui/date-time';
import { displayAnyValue } from '@/lib/attributes/display';
import type { Evidence } from '@/lib/segments/evidence';
import type { Verdict } from '@/lib/segments/explain';
import type { Condition, Group } from '@/lib/segments/schema';
import { conditionInWords, type Names } from '@/lib/segments/words';
import { sourceInWords } from '@/lib/tags/source';

/** `wanted`: the value needed for the profile to be in the segment; false under 'None of this may be true'. */
type Props = { verdict: Verdict; names: Names; slug: string; wanted?: boolean };

export function VerdictTree({ verdict, names, slug, wanted = true }: Props) {
  const { node, holds, evidence, items } = verdict;
  return (
    <div className="flex items-start gap-2">
      <Mark holds={holds} wanted={wanted} isSaid={!wanted && node.kind !== 'group'} />
      <div className="min-w-0 flex-1">
        {node.kind === 'group' ? (
          <p>{groupInWords(node, items)}</p>
        ) : (
          <>
            <p className="break-words">
              {wanted
                ? capital(conditionInWords(node, names))
                : `${holds ? 'True, but should not be' : 'Not true, as it should be'}: ${conditionInWords(node, names)}`}
              {node.kind === 'segment' && (
                <>
                  {' '}
                  <Link href={`/${slug}/segments/${node.segmentId}`} className="text-[13px] underline">
                    open
                  </Link>
                </>
              )}
            </p>
            {evidence && (
              <p className="text-muted text-[13px]">
                <What evidence={evidence} condition={node} />
              </p>
            )}
          </>
        )}
        {items.length > 0 && (
          <ul className="border-line mt-1 flex flex-col gap-2 border-l-2 py-1 pl-3">
            {items.map((item, index) => (
              <li key={index}>
                <VerdictTree
                  verdict={item}
                  names={names}
                  slug={slug}
                  wanted={node.kind === 'group' && node.match === 'none' ? !wanted : wanted}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** `isSaid`: the words beside it say the same. */
function Mark({ holds, wanted, isSaid }: { holds: boolean; wanted: boolean; isSaid: boolean }) {
  const fits = holds === wanted;
  const Icon = fits ? Check : X;
  return (
    <span
      className={`mt-0.5 flex size-4.5 shrink-0 items-center justify-center rounded-full ${fits ? 'bg-success-soft text-success' : 'bg-danger-soft text-danger'}`}
    >
      <Icon aria-hidden className="size-3" strokeWidth={3} />
      {!isSaid && (
        <span className="sr-only">{`${holds ? 'True' : 'Not true'}${wanted ? '' : fits ? ', as it should be' : ', but should not be'}:`}</span>
      )}
    </span>
  );
}

/** 'All of these: 2 of 3 are true'. */
function groupInWords({ match }: Group, items: readonly Verdict[]): string {
  const words = { all: 'All of this must be true', any: 'Any of this must be true', none: 'None of this may be true' };
  const held = items.filter((item) => item.holds).length;
  return `${words[match]}: ${held} of ${items.length} ${held === 1 ? 'is' : 'are'}.`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function What({ evidence, condition }: { evidence: Evidence; condition: Condition }) {
  switch (evidence.kind) {
    case 'tag': {
      const { entry } = evidence;
      if (!entry) {
        const direction = condition.kind === 'tag' && condition.test === 'lost' ? 'removed' : 'applied';
        return `It was never ${direction}.`;
      }
      return (
        <>
          Last {entry.action} <DateTime value={entry.at} exact /> · {sourceInWords(entry)}
        </>
      );
    }
    case 'value':
      return evidence.value === null ? 'It has no value.' : `It is “${displayAnyValue(evidence.value)}”.`;
    case 'event':
      if (evidence.lastEver === null) return 'It never happened.';
      return (
        <>
          {evidence.times === 0
            ? 'No matching event'
            : `${evidence.times.toLocaleString('en-GB')} ${evidence.times === 1 ? 'time' : 'times'}`}{' '}
          · last <DateTime value={evidence.last ?? evidence.lastEver} exact />
        </>
      );
    case 'created':
      return (
        <>
          Added <DateTime value={evidence.at} exact />
        </>
      );
    case 'key':
      return evidence.key === null ? 'It has no such key.' : evidence.key;
    case 'tags':
      return evidence.names.length === 0 ? 'It has no tag.' : `It has ${evidence.names.join(', ')}.`;
  }
}
