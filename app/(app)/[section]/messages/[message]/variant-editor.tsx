'use client';
// Writes a mail, or the variants of its A/B test, one at a time.
import type { ReactNode } from 'react';
import clsx from 'clsx';
import { CircleAlert } from 'lucide-react';
import type { Among } from '@/components/messages/use-audience';
import { MailEditor } from '@/components/messages/editor/mail-editor';
import type { Attribute } from '@/lib/attributes/schema';
import type { HiddenParts } from '@/lib/messages/attention';
import { problemsOf } from '@/lib/mail-document/problems';
import type { Brand } from '@/lib/mail-document/schema';
import { variantName, variantsOf } from '@/lib/messages/ab-schema';
import { withVariant } from './ab-draft';
import type { EmailDraft } from './draft';

type Props = {
  slug: string;
  content: EmailDraft;
  /** Which one is written; A is 0. */
  variant: number;
  /** Counts how often the draft was replaced: the editor starts again. */
  replaced: number;
  brand: Brand;
  attributes: readonly Attribute[];
  /** What the message refers to, and is hidden. */
  hidden: HiddenParts;
  /** Who gets it, for the preview. */
  among: Among;
  /** Calls of the API may send it. */
  forApi: boolean;
  /** What an empty mail can start from besides what is built in. */
  startFrom: ReactNode;
  onVariant: (variant: number) => void;
  onChange: (content: EmailDraft) => void;
};

export function VariantEditor(props: Props) {
  const {
    slug,
    content,
    variant: wanted,
    replaced,
    brand,
    attributes,
    hidden,
    among,
    forApi,
    startFrom,
    onVariant,
    onChange,
  } = props;
  const variants = variantsOf(content);
  const variant = wanted < variants.length ? wanted : 0;
  const headOnly = content.ab?.what === 'subject' && variant > 0;
  return (
    <>
      {content.ab && (
        <nav aria-label="Variants of the A/B test" className="flex flex-wrap items-center gap-2">
          <span className="text-muted text-[13px]">A/B test:</span>
          {variants.map((document, index) => {
            const isMissing = problemsOf(document, hidden).some(({ must }) => must);
            return (
              <button
                key={index}
                type="button"
                onClick={() => onVariant(index)}
                {...(index === variant && { 'aria-current': 'true' as const })}
                className={clsx(
                  'inline-flex h-8 items-center gap-1.5 rounded-md border px-3 text-[13px] font-medium',
                  index === variant
                    ? 'bg-accent text-on-accent border-transparent'
                    : 'border-line-strong bg-surface hover:bg-hover',
                )}
              >
                Variant {variantName(index)}
                {isMissing && <CircleAlert aria-label="Something is missing" className="size-3.5" />}
              </button>
            );
          })}
          {headOnly && (
            <span className="text-muted text-[13px]">Only the subject and the preview text differ from A.</span>
          )}
        </nav>
      )}
      <MailEditor
        key={`${replaced}-${variant}-${content.ab?.what ?? 'none'}`}
        slug={slug}
        value={variants[variant]!}
        onChange={(document) => onChange(withVariant(content, variant, document))}
        brand={brand}
        attributes={attributes}
        hidden={hidden}
        among={among}
        forApi={forApi}
        headOnly={headOnly}
        startFrom={startFrom}
      />
    </>
  );
}
