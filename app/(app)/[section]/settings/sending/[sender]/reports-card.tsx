// How an SMS sender hears what became of its SMS, and what people answer.
import { cardClass } from '@/components/ui/display';
import { CopyField } from '@/components/ui/copy-field';
import type { SenderView } from '@/lib/sending/schema';

export function ReportsCard({ sender: { answersTo, fromAddress } }: { sender: SenderView }) {
  return (
    <section className={`${cardClass} flex max-w-2xl flex-col gap-3 p-4`}>
      <h2 className="font-semibold">Reports and answers</h2>
      {answersTo === null ? (
        <p className="text-muted text-[13px]">
          Nobody outside can reach this installation, so the provider reports nothing: what it has taken counts as sent.
          The person who runs Tagwell sets an address with TAGWELL_URL.
        </p>
      ) : (
        <>
          <p className="text-muted text-[13px]">
            The provider is told with each SMS where to report whether it has arrived. Who has told the provider to stop
            is opted out of SMS.
          </p>
          {fromAddress.startsWith('+') && (
            <>
              <p className="text-muted text-[13px]">
                For answers, enter this address at the provider as where incoming SMS of your number go. Who answers
                STOP is opted out of SMS.
              </p>
              <CopyField label="Address for answers" value={answersTo} />
            </>
          )}
        </>
      )}
    </section>
  );
}
