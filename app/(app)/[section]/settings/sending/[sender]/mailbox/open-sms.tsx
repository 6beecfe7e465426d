// An SMS as a phone would show it, and how it would have been sent.
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import type { CaughtMail } from '@/lib/sending/caught';
import { smsParts } from '@/lib/sms/parts';

export function OpenSms({ sms }: { sms: CaughtMail }) {
  const { parts, units, encoding } = smsParts(sms.text);
  return (
    <section id="mail" aria-label="Opened SMS" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <header>
        <h2 className="text-base font-semibold">SMS from {sms.from}</h2>
        <p className="text-muted text-[13px] wrap-anywhere">
          To {sms.to} · <DateTime value={sms.at} exact /> · {parts === 1 ? 'one part' : `${parts} parts`}, {units}{' '}
          {encoding === 'ucs2' ? 'characters in Unicode' : 'characters'} · sent to nobody
        </p>
      </header>
      <p
        dir="auto"
        className="bg-sunken max-w-80 rounded-2xl rounded-bl-sm px-4 py-3 wrap-anywhere whitespace-pre-wrap"
      >
        {sms.text}
      </p>
    </section>
  );
}
