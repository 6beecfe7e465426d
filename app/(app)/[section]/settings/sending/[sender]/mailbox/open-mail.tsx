'use client';
// A mail that was caught, as it would look in a mail program.
import { useState } from 'react';
import { DateTime } from '@/components/ui/date-time';
import { cardClass } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import { DARK_HINT, MailFrame } from '@/components/ui/mail-frame';
import type { CaughtMail } from '@/lib/sending/caught';

type Part = 'html' | 'text' | 'headers' | 'source';
const WIDTHS = { phone: 375, desktop: 600 } as const;
const KB = 1_000;

export function OpenMail({ mail }: { mail: CaughtMail }) {
  const [part, setPart] = useState<Part>(mail.html === null ? 'text' : 'html');
  const [width, setWidth] = useState<keyof typeof WIDTHS>('desktop');
  const [scheme, setScheme] = useState<'light' | 'dark'>('light');
  return (
    <section id="mail" aria-label="Opened mail" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <header>
        <h2 className="text-base font-semibold wrap-anywhere">{mail.subject || '(no subject)'}</h2>
        <p className="text-muted text-[13px] wrap-anywhere">
          From {mail.from} to {mail.to} · <DateTime value={mail.at} exact /> ·{' '}
          {(mail.bytes / KB).toLocaleString('en-GB', { maximumFractionDigits: 1 })} kB
        </p>
      </header>
      <div className="flex flex-wrap gap-3">
        <Select
          label="Part"
          value={part}
          onChange={setPart}
          options={[
            ...(mail.html === null ? [] : [{ value: 'html' as const, label: 'HTML' }]),
            { value: 'text', label: 'Text' },
            { value: 'headers', label: 'Headers' },
            { value: 'source', label: 'Source' },
          ]}
        />
        {part === 'html' && (
          <>
            <Select
              label="Width"
              value={width}
              onChange={setWidth}
              options={[
                { value: 'desktop', label: '600 px' },
                { value: 'phone', label: '375 px, a phone' },
              ]}
            />
            <Select
              label="Colours"
              value={scheme}
              onChange={setScheme}
              options={[
                { value: 'light', label: 'Light' },
                { value: 'dark', label: 'Dark' },
              ]}
            />
          </>
        )}
      </div>
      {part === 'html' && mail.html !== null && (
        <MailFrame
          html={mail.html}
          subject={mail.subject}
          width={WIDTHS[width]}
          scheme={scheme}
          opensLinks
          className="border-line h-[max(24rem,calc(100dvh-20rem))] max-w-full rounded-md border"
        />
      )}
      {part === 'html' && scheme === 'dark' && <p className="text-muted text-[13px]">{DARK_HINT}</p>}
      {part === 'headers' && (
        <dl className="grid gap-x-4 gap-y-1 text-[13px] sm:grid-cols-[max-content_1fr]">
          {mail.headers.map(({ name, value }, at) => (
            <div key={at} className="contents">
              <dt className="font-medium">{name}</dt>
              <dd className="wrap-anywhere">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {(part === 'text' || part === 'source') && (
        <pre
          tabIndex={0}
          aria-label={part === 'text' ? 'Text' : 'Source'}
          className="bg-sunken border-line max-h-[max(24rem,calc(100dvh-20rem))] overflow-auto rounded-md border p-3 text-[13px] wrap-anywhere whitespace-pre-wrap"
        >
          {part === 'text' ? mail.text : mail.source}
        </pre>
      )}
    </section>
  );
}
