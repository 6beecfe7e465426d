'use client';
// An A/B test on its way and after: what came of each variant, and the choice of what the others get.
import { useState } from 'react';
import { useCheckWork } from '@/components/operations/use-background-work';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { verdictInWords } from '@/components/messages/ab-verdict-words';
import type { SectionId } from '@/lib/db/ids';
import { variantName } from '@/lib/messages/ab-schema';
import { chooseVariantAction } from '../actions';
import { hasEnded, type ShownSend } from './use-send';

type Props = {
  section: { id: SectionId; slug: string };
  send: ShownSend & { ab: NonNullable<ShownSend['ab']> };
  /** By variant. */
  subjects: readonly string[];
  mayAct: boolean;
  onSee: (variant: number) => void;
  onChanged: () => void;
};

const number = (value: number) => value.toLocaleString('en-GB');
const share = (part: number, whole: number) => (whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`);

export function AbCard({ section, send, subjects, mayAct, onSee, onChanged }: Props) {
  const toast = useToast();
  const checkWork = useCheckWork(section.slug);
  const [asked, setAsked] = useState<number | null>(null);
  const { refusal, pending, send: submit, setRefusal } = useSubmission();
  const { ab, winner, byState } = send;
  const mayChoose = mayAct && winner === null && byState.held > 0 && !hasEnded(send);

  async function choose() {
    const result = await submit(chooseVariantAction, { sectionId: section.id, sendId: send.id, variant: asked });
    if (!result.ok) return;
    setAsked(null);
    toast(`The others get ${variantName(asked!)}`, { about: [`send:${send.id}`] });
    checkWork();
    onChanged();
  }

  return (
    <section aria-labelledby="ab" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 id="ab" className="font-medium">
        A/B test
      </h2>
      <p role="status">
        <Course send={send} />
      </p>
      <ul className="flex flex-col">
        {subjects.map((subject, variant) => {
          const tally = ab.tallies.find((one) => one.variant === variant);
          return (
            <li
              key={variant}
              className="border-line flex flex-wrap items-center gap-x-3 gap-y-1 border-b py-2 last:border-b-0"
            >
              <span className="font-semibold">{variantName(variant)}</span>
              <bdi className="min-w-0 flex-1 basis-40 wrap-anywhere">{subject}</bdi>
              {tally && (
                <span className="text-muted text-[13px] tabular-nums">
                  {number(tally.sent)} sent · {number(tally.clicked)} clicked ({share(tally.clicked, tally.sent)}) ·{' '}
                  {number(tally.left)} unsubscribed
                </span>
              )}
              <Button
                size="small"
                variant="quiet"
                aria-label={`See ${variantName(variant)}`}
                onPress={() => onSee(variant)}
              >
                See
              </Button>
              {mayChoose && (
                <Button
                  size="small"
                  aria-label={`Send ${variantName(variant)} to the others…`}
                  onPress={() => {
                    setRefusal(null);
                    setAsked(variant);
                  }}
                >
                  Send to the others…
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {ab.result && <p className="text-muted text-[13px]">{verdictInWords(ab.result)}</p>}
      {asked !== null && (
        <ConfirmDialog
          title={`Send ${variantName(asked)} to the others?`}
          confirm={`Send ${variantName(asked)}`}
          refusal={refusal}
          pending={pending}
          onConfirm={() => void choose()}
          onClose={() => setAsked(null)}
        >
          <p>
            {number(byState.held)} {byState.held === 1 ? 'person waits' : 'people wait'} for a variant. They get “
            {subjects[asked]}”. That cannot be taken back.
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
}

/** Where it is now. */
function Course({ send }: { send: Props['send'] }) {
  const { ab, winner, winnerBy, status, byState } = send;
  if (winner !== null) {
    return (
      <>
        {winnerBy === null ? 'The clicks decided' : `${winnerBy} decided`}: the others get {variantName(winner)}.
      </>
    );
  }
  if (hasEnded(send))
    return status === 'done' ? 'Everybody was in the test.' : 'It was cancelled before it was decided.';
  if (byState.held === 0) return send.frozenAt === null ? 'It has not begun.' : 'Everybody is in the test.';
  if (send.pauseKind === 'choice') return <>{number(byState.held)} people wait for a variant: choose one.</>;
  if (ab.endsAt === null) return 'The test part goes out. Its time begins with the last of these mails.';
  return (
    <>
      The test part is out. {ab.decides === 'clicks' ? 'The clicks decide' : 'Somebody is to choose by'}{' '}
      <DateTime value={ab.endsAt} exact />. Until then {number(byState.held)} people wait.
    </>
  );
}
