'use client';
// What the person has agreed to, by folder and topic, where from, which addresses are suppressed; and ways to set a consent
// by hand and to send the person to their preference page.
import { useQueryClient } from '@tanstack/react-query';
import { Ban, Link2, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { Dialog } from '@/components/ui/dialog';
import { Badge, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { inGroups } from '@/lib/consents/groups';
import type { HeldConsent, Topic } from '@/lib/consents/schema';
import { CHANNEL_NAMES, CONSENT_WORDS, dayInWords } from '@/lib/consents/words';
import type { ProfileId, SectionId } from '@/lib/db/ids';
import type { OwnSuppression } from '@/lib/suppression/reads';
import { REASON_WORDS } from '@/lib/suppression/schema';
import { undoConsentAction } from '../actions';
import { ConsentDialog, type ConsentSet } from './consent-dialog';

type Props = {
  section: { id: SectionId; slug: string };
  profileId: ProfileId;
  consents: readonly HeldConsent[];
  suppressed: readonly OwnSuppression[];
  /** The topics that are offered. */
  topics: readonly Topic[];
  /** The address of the person's preference page. */
  link: string;
};

export function ConsentsCard({ section, profileId, consents, suppressed, topics, link }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const toast = useToast();
  const { send } = useSubmission();
  const [open, setOpen] = useState<'set' | 'link' | null>(null);

  const refresh = () => {
    void client.invalidateQueries({ queryKey: ['timeline', section.slug, profileId] });
    router.refresh();
  };

  function done({ changeId, words }: ConsentSet) {
    setOpen(null);
    refresh();
    toast(words, { about: [`consents of ${profileId}`], action: { label: 'Undo', run: () => void undo(changeId) } });
  }

  async function undo(changeId: number) {
    const result = await send(undoConsentAction, { sectionId: section.id, changeId });
    refresh();
    if (!result.ok) toast(result.refusal.message, { tone: 'danger' });
  }

  const folders = inGroups(consents, ({ folder }) => folder);
  return (
    <section className={`${cardClass} h-fit p-4`} aria-labelledby="consents">
      <h2 id="consents" className="mb-2 font-semibold">
        Consents
      </h2>
      {suppressed.map(({ channel, address, reason, at, by }) => (
        <p key={channel} className="text-danger mb-2 wrap-anywhere">
          <Ban aria-hidden className="mr-1 inline size-3.5 align-[-2px]" />
          {CHANNEL_NAMES[channel]} suppressed: {REASON_WORDS[reason]} {dayInWords(at)}
          {by && ` (${by})`} <span className="text-muted text-[13px]">{address}</span>
        </p>
      ))}
      {consents.length === 0 && <p className="text-muted">Nothing agreed to, and nothing declined.</p>}
      {folders.map(([folder, inFolder]) => (
        <div key={folder} className="mb-2">
          {(folder !== '' || folders.length > 1) && (
            <h3 className="text-muted text-[13px] font-medium wrap-anywhere">{folder || 'Without a folder'}</h3>
          )}
          <ul className="flex flex-col gap-1.5">
            {inGroups(inFolder, ({ topicId }) => topicId).map(([topicId, ofTopic]) => (
              <li key={topicId} className="wrap-anywhere">
                <span className="flex flex-wrap items-center gap-x-2 font-medium">
                  {ofTopic[0]!.topic} {ofTopic[0]!.hidden && <Badge tone="warning">Hidden</Badge>}
                </span>
                <ul>
                  {ofTopic.map((consent) => (
                    <li key={consent.channel}>
                      {CHANNEL_NAMES[consent.channel]}:{' '}
                      <span className={consent.type === 'opt-out' ? 'text-danger font-medium' : undefined}>
                        {CONSENT_WORDS[consent.type]}
                      </span>{' '}
                      <span className="text-muted text-[13px]">
                        · {dayInWords(consent.modifiedAt)}
                        {consent.from && `, ${consent.from}`}
                      </span>
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <div className="mt-2 flex flex-wrap gap-2">
        {topics.length > 0 && (
          <Button size="small" onPress={() => setOpen('set')}>
            <Plus aria-hidden className="size-4" /> Set a consent…
          </Button>
        )}
        <Button size="small" variant="quiet" onPress={() => setOpen('link')}>
          <Link2 aria-hidden className="size-4" /> Preference link…
        </Button>
      </div>
      {open === 'link' && (
        <Dialog
          title="Preference link"
          isOpen
          onClose={() => setOpen(null)}
          actions={<Button onPress={() => setOpen(null)}>Close</Button>}
        >
          <p>
            This person can choose there what to get, without signing in. Give it to nobody else: anyone who has it can
            change it.
          </p>
          <CopyField label="Address" value={link} />
        </Dialog>
      )}
      {open === 'set' && (
        <ConsentDialog
          sectionId={section.id}
          profileId={profileId}
          topics={topics}
          consents={consents}
          onClose={() => setOpen(null)}
          onDone={done}
        />
      )}
    </section>
  );
}
