'use client';
// What approval is asked for: the message as it would arrive, and who would get it as of now.
import { MailLook } from '@/components/messages/mail-look';
import { SmsPreview } from '@/components/messages/sms-preview';
import { useAudienceCounts } from '@/components/messages/use-audience';
import { WhoGetsIt } from '@/components/messages/who-gets-it';
import type { InJson } from '@/components/ui/in-json';
import { cardClass } from '@/components/ui/display';
import { variantName, variantsOf } from '@/lib/messages/ab-schema';
import type { MessageDetails } from '@/lib/messages/queries';

type Props = {
  slug: string;
  message: InJson<MessageDetails>;
  from: string | null;
  /** It is for those for whom it failed before. */
  ofFailed: boolean;
};

export function AskedFor({ slug, message, from, ofFailed }: Props) {
  const { content, audience, kind, topicIds, channel } = message;
  const about = {
    channel,
    kind,
    topicIds,
    ...(ofFailed ? { failedOf: message.id } : { exceptRecipientsOf: message.id }),
  };
  const answer = useAudienceCounts({ slug, audience, about });
  const variants = content.channel === 'email' ? variantsOf(content) : [];
  return (
    <>
      <section aria-labelledby="asked" className={`${cardClass} flex flex-col gap-3 p-4`}>
        <h2 id="asked" className="font-medium">
          What people get
        </h2>
        {variants.map((document, variant) => (
          <div key={variant} className="flex flex-col gap-2">
            {variants.length > 1 && <h3 className="text-[13px] font-medium">Variant {variantName(variant)}</h3>}
            <MailLook slug={slug} document={document} />
          </div>
        ))}
        {content.channel === 'sms' && (
          <SmsPreview slug={slug} text={content.text} from={from} settings={message.settings} />
        )}
      </section>
      <WhoGetsIt slug={slug} audience={audience} about={about} answer={answer} />
    </>
  );
}
