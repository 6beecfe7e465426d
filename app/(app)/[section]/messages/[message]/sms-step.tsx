'use client';
// What an SMS says, and how it looks on a phone.
import { SmsEditor } from '@/components/messages/sms-editor';
import { SmsPreview } from '@/components/messages/sms-preview';
import type { Among } from '@/components/messages/use-audience';
import { cardClass } from '@/components/ui/display';
import type { Attribute } from '@/lib/attributes/schema';
import type { HiddenParts } from '@/lib/messages/attention';
import type { MessageSettings } from '@/lib/messages/schema';
import type { SmsText } from '@/lib/messages/sms-pieces';

type Props = {
  slug: string;
  text: SmsText;
  attributes: readonly Attribute[];
  hidden: HiddenParts;
  /** What the sender says it is from; null: there is none yet. */
  from: string | null;
  /** Who gets it. */
  among: Among;
  isMarketing: boolean;
  linkLength: number;
  settings: MessageSettings;
  onChange: (text: SmsText) => void;
  onSettings: (settings: MessageSettings) => void;
};

export function SmsStep(props: Props) {
  const { slug, text, attributes, hidden, from, among, isMarketing, linkLength, settings, onChange, onSettings } =
    props;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <section aria-label="What it says" className={`${cardClass} p-4`}>
        <SmsEditor
          slug={slug}
          value={text}
          onChange={onChange}
          attributes={attributes}
          hidden={hidden}
          from={from}
          needsWayOut={isMarketing}
          linkLength={linkLength}
          settings={settings}
          onTrackClicks={(trackClicks) => onSettings({ ...settings, trackClicks })}
        />
      </section>
      <section aria-labelledby="sms-preview" className={`${cardClass} flex min-w-0 flex-col gap-3 p-4`}>
        <h2 id="sms-preview" className="font-medium">
          On a phone
        </h2>
        <SmsPreview slug={slug} text={text} settings={settings} from={from} among={among} />
      </section>
    </div>
  );
}
