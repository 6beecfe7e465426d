'use client';
// What has happened at what is chosen, since the flow was published first, with the way to the people.
import { Link } from '@/components/ui/link';
import { LEFT, LEFT_WORDS, REFUSED, REFUSED_WORDS } from '@/lib/flows/outcomes';
import type { FlowNumbers } from '@/lib/flows/queries';
import { useEditor } from './editor-context';
import type { OutlineNode } from './outline';

type Line = { words: string; count: number; href?: string; urgent?: boolean };

export function NodeHistory({ node, totals }: { node: OutlineNode; totals: FlowNumbers }) {
  const { flowHref } = useEditor();
  const lines = linesOf(node, totals, `${flowHref}/people`).filter(({ count }) => count > 0);
  if (lines.length === 0) return null;
  return (
    <dl className="bg-sunken grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 rounded-md px-3 py-2 text-[13px]">
      {lines.map(({ words, count, href, urgent }) => (
        <div key={words} className="contents">
          <dd className={urgent ? 'text-danger text-right font-medium tabular-nums' : 'text-right tabular-nums'}>
            {href ? (
              <Link href={href} className="underline" aria-label={`${count.toLocaleString('en-GB')} ${words}: see who`}>
                {count.toLocaleString('en-GB')}
              </Link>
            ) : (
              count.toLocaleString('en-GB')
            )}
          </dd>
          <dt className="text-muted">{words}</dt>
        </div>
      ))}
    </dl>
  );
}

function linesOf(node: OutlineNode, totals: FlowNumbers, people: string): Line[] {
  if (node.kind === 'start') {
    return [
      { words: totals.inside === 1 ? 'is in it now' : 'are in it now', count: totals.inside, href: people },
      { words: 'entered', count: totals.entered },
      ...LEFT.map((how) => ({
        words: LEFT_WORDS[how],
        count: totals.left[how] ?? 0,
        ...(how === 'failed' && { href: `${people}?show=failed`, urgent: true }),
      })),
      ...REFUSED.map((why) => ({ words: `did not enter: ${REFUSED_WORDS[why]}`, count: totals.refused[why] ?? 0 })),
    ];
  }
  if (node.kind === 'way') {
    return [
      { words: 'went this way', count: totals.ways[node.id] ?? 0 },
      { words: 'of them reached the goal', count: totals.goals[node.id] ?? 0 },
    ];
  }
  const of = totals.steps[node.id];
  if (!of) return [];
  return [
    { words: 'are here now', count: of.waiting, href: `${people}?step=${node.id}` },
    { words: 'came here', count: of.arrived },
    { words: 'passed', count: of.passed },
    { words: 'were skipped', count: of.skipped },
    { words: 'waited in vain', count: of.timed_out },
    { words: 'left here', count: of.left },
    { words: 'failed here', count: of.failed, href: `${people}?show=failed&step=${node.id}`, urgent: true },
  ];
}
