'use client';
// What an SMS says, and how it looks on a phone.
import { SmsEditor } from '@/components/messages/sms-editor';
import { SmsPreview } from '@/components/messages/sms-preview';
import { cardClass } from '@/components/ui/display';
import type { Attribute } from '@/lib/attributes/schema';
import type { SmsText } from '@/lib/messages/sms-text';

type Props = {
  slug: string;
  text: SmsText;
  attributes: readonly Attribute[];
  /** What the sender says it is from; null: there is none yet. */
  from: string | null;
  isMarketing: boolean;
  optOutLength: number;
  onChange: (text: SmsText) => void;
};

export function SmsStep({ slug, text, attributes, from, isMarketing, optOutLength, onChange }: Props) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <section aria-label="What it says" className={`${cardClass} p-4`}>
        <SmsEditor
          value={text}
          onChange={onChange}
          attributes={attributes}
          from={from}
          needsWayOut={isMarketing}
          optOutLength={optOutLength}
        />
      </section>
      <section aria-labelledby="sms-preview" className={`${cardClass} flex min-w-0 flex-col gap-3 p-4`}>
        <h2 id="sms-preview" className="font-medium">
          On a phone
        </h2>
        <SmsPreview slug={slug} text={text} from={from} />
      </section>
    </div>
  );
}
