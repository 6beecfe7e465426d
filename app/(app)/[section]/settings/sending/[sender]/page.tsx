import { Refused } from '@/app/refused';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { readBounces } from '@/lib/bounces/reads';
import { installationAddress, isOnThisMachine } from '@/lib/config/installation';
import { readSender } from '@/lib/sending/reads';
import { mayHandleLinks } from '@/lib/sending/system';
import { SenderForm } from '../sender-form';
import { SmsForm } from '../sms-form';
import { BouncesCard } from './bounces-card';
import { SenderPanel } from './sender-panel';

export const metadata = { title: 'Sender' };

type Props = { params: Promise<{ section: string; sender: string }> };

export default async function SenderPage({ params }: Props) {
  const { section: slug, sender: senderId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readSender(actor, { sectionId: section.id, senderId });
  if (!found.ok) return <Refused actor={actor} what="Sending" refusal={found.refusal} />;
  const sender = found.value;
  const here = { id: section.id, slug: section.slug };
  const address = installationAddress();
  const maySetSystem = mayHandleLinks(actor);
  const mayChange = sender.kind === 'smtp' && (maySetSystem || !sender.isForSystem);
  const bounces = mayChange ? await valueForPage(readBounces(actor, { sectionId: section.id, senderId })) : null;
  return (
    <SenderPanel
      section={here}
      sender={sender}
      localLinks={isOnThisMachine(address) ? address : null}
      maySetSystem={maySetSystem}
    >
      {bounces && <BouncesCard section={here} sender={sender} bounces={bounces} />}
      {mayChange && (
        <SenderForm key={JSON.stringify(sender.server)} section={here} sender={sender} suggestedName={section.name} />
      )}
      {sender.sms && <SmsForm key={JSON.stringify(sender.sms)} section={here} sender={sender} suggestedFrom="" />}
    </SenderPanel>
  );
}
