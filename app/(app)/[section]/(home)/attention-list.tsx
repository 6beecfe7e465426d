// What needs a person, from all parts of the section, in one list.
import { TriangleAlert } from 'lucide-react';
import { Suspense } from 'react';
import { cardClass } from '@/components/ui/display';
import { Title } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import { mayAct } from '@/lib/access/policy';
import { readOtherAttention } from '@/lib/home/reads';
import type { Attention } from '@/lib/home/schema';
import { connectionPart, flowPart, formPart, importPart, messagePart } from './parts';
import { valueOrNull, type Of } from './part';
import { ReadAgain } from './read-again';

/** More are counted, not listed. */
const SHOWN = 8;

export function AttentionList(of: Of) {
  return (
    <Suspense fallback={null}>
      <Listed {...of} />
    </Suspense>
  );
}

async function Listed({ actor, section }: Of) {
  const parts: [string, Promise<Attention[] | null>][] = [
    ['messages', attentionOf(messagePart(actor, section.id))],
    ['connections', mayAct(actor, 'admins') ? attentionOf(connectionPart(actor, section.id)) : Promise.resolve([])],
    ['imports', attentionOf(importPart(actor, section.id))],
    ['segments and other work', valueOrNull(readOtherAttention(actor, { sectionId: section.id }))],
    ['flows', attentionOf(flowPart(actor, section.id))],
    ['forms', attentionOf(formPart(actor, section.id))],
  ];
  const read = await Promise.all(parts.map(async ([name, asked]) => ({ name, found: await asked })));
  const all = read.flatMap(({ found }) => found ?? []);
  const failed = read.filter(({ found }) => found === null).map(({ name }) => name);
  if (all.length + failed.length === 0) return null;
  return (
    <section aria-labelledby="needs-attention" className={cardClass}>
      <Title id="needs-attention">
        Needs attention{all.length > 0 && <span className="text-muted font-normal"> · {all.length}</span>}
      </Title>
      {failed.length > 0 && <ReadAgain>{`Could not be looked at: ${failed.join(', ')}.`}</ReadAgain>}
      <ul className="divide-line divide-y">
        {all.slice(0, SHOWN).map(({ key, title, reason, path }) => (
          <li key={key} className="flex items-start gap-3 px-4 py-2.5">
            <TriangleAlert aria-hidden className="text-warning mt-0.5 size-4 shrink-0" />
            <div className="min-w-0">
              <Link href={`/${section.slug}${path}`} className="font-medium wrap-anywhere hover:underline">
                {title}
              </Link>
              <p className="text-muted text-[13px] wrap-anywhere">{reason}</p>
            </div>
          </li>
        ))}
      </ul>
      {all.length > SHOWN && (
        <p className="text-muted border-line border-t px-4 py-2.5 text-[13px]">
          And {all.length - SHOWN} more, marked on the pages of messages, flows, forms, segments and imports.
        </p>
      )}
    </section>
  );
}

const attentionOf = (part: Promise<{ attention: Attention[] } | null>): Promise<Attention[] | null> =>
  part.then((found) => found?.attention ?? null);
