'use client';
// How emails look: fields, and beside them a small mail in that look.
import { useId, useRef, useState } from 'react';
import { useUpload } from '@/components/messages/editor/use-upload';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { Select, TextArea, TextField } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { contrastOf } from '@/lib/mail-document/contrast';
import { footerWords, MAIL_LANGUAGES } from '@/lib/mail-document/footer-words';
import { fontsOf, FOOTER_COLOUR, FOOTER_SIZE } from '@/lib/mail-document/look';
import type { Brand } from '@/lib/mail-document/schema';
import { saveBrandAction } from './actions';

type Props = { section: { id: SectionId; slug: string }; brand: Brand };

const COLOURS = [
  { name: 'accent', label: 'Buttons and links' },
  { name: 'onAccent', label: 'Text on buttons' },
  { name: 'text', label: 'Text' },
  { name: 'paper', label: 'Paper' },
  { name: 'background', label: 'Around the paper' },
] as const;

const FONTS = [
  { value: 'system' as const, label: 'As the reader’s device' },
  { value: 'sans' as const, label: 'Helvetica or Arial' },
  { value: 'serif' as const, label: 'Georgia or Times' },
];

export function LookForm({ section, brand }: Props) {
  const [look, setLook] = useState(brand);
  const [saved, setSaved] = useState(brand);
  const { refusal, pending, submit } = useSubmission();
  const toast = useToast();
  const set = (part: Partial<Brand>) => setLook((now) => ({ ...now, ...part }));
  const isChanged = JSON.stringify(look) !== JSON.stringify(saved);
  useLeaveGuard(isChanged);
  const languages = {
    ...(!(look.language in MAIL_LANGUAGES) && { [look.language]: look.language }),
    ...MAIL_LANGUAGES,
  };
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,24rem)_minmax(0,1fr)]">
      <form
        className={`${cardClass} flex flex-col gap-4 p-4`}
        onSubmit={submit(saveBrandAction, { sectionId: section.id, brand: look }, () => {
          setSaved(look);
          toast('Saved. New messages look like this.');
        })}
      >
        {refusal && <Banner tone="danger">{refusal.message}</Banner>}
        <Logo section={section} look={look} set={set} />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-[13px] font-medium">Colours</legend>
          {COLOURS.map(({ name, label }) => (
            <ColourRow key={name} label={label} value={look[name]} onChange={(colour) => set({ [name]: colour })} />
          ))}
        </fieldset>
        <Contrast look={look} />
        <Select label="Font" value={look.font} options={FONTS} onChange={(font) => set({ font })} />
        <Select
          label="Language"
          help="Of the links at the end, and of dates and numbers."
          value={look.language}
          options={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          onChange={(language) => set({ language })}
        />
        <TextArea
          label="Who sends"
          help="Name and postal address, at the end of every email. Many countries require it."
          value={look.sentBy}
          onChange={(sentBy) => set({ sentBy })}
          maxLength={500}
        />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={pending} isDisabled={!isChanged}>
            Save
          </Button>
        </div>
      </form>
      <Sample look={look} />
    </div>
  );
}

function Logo({ section, look, set }: { section: Props['section']; look: Brand; set: (part: Partial<Brand>) => void }) {
  const { upload, isUploading, problem } = useUpload(section.slug);
  const input = useRef<HTMLInputElement>(null);
  const { logo } = look;
  async function take(file: File | undefined) {
    const picture = file && (await upload(file));
    if (!picture) return;
    const width = Math.max(24, Math.min(logo?.width ?? 160, picture.width, 552));
    set({ logo: { source: picture.source, alt: logo?.alt ?? '', width, link: logo?.link ?? null } });
  }
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="text-[13px] font-medium">Logo</span>
        <Button size="small" isPending={isUploading} onPress={() => input.current?.click()}>
          {logo ? 'Another picture' : 'Choose a picture'}
        </Button>
        {logo && (
          <Button size="small" variant="quiet" onPress={() => set({ logo: null })}>
            Remove
          </Button>
        )}
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          aria-label="Logo"
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => void take(event.target.files?.[0])}
        />
      </div>
      {problem && <p className="text-danger text-[13px]">{problem}</p>}
      {logo && (
        <>
          <TextField
            label="Name that the logo shows"
            value={logo.alt}
            onChange={(alt) => set({ logo: { ...logo, alt } })}
            maxLength={200}
            isRequired
          />
          <TextField
            label="Width in pixels"
            inputMode="numeric"
            value={String(logo.width)}
            onChange={(text) => set({ logo: { ...logo, width: Number(text.replace(/\D/g, '').slice(0, 3)) } })}
          />
        </>
      )}
    </div>
  );
}

function ColourRow({ label, value, onChange }: { label: string; value: string; onChange: (colour: string) => void }) {
  const id = useId();
  const isColour = /^#[0-9a-f]{6}$/i.test(value);
  return (
    <div className="flex items-center gap-2">
      <input
        type="color"
        aria-label={`${label}: choose`}
        value={isColour ? value : '#000000'}
        onChange={(event) => onChange(event.target.value)}
        className="border-line-strong h-9 w-11 shrink-0 cursor-pointer rounded-md border bg-transparent p-0.5"
      />
      <label htmlFor={id} className="min-w-0 flex-1">
        {label}
      </label>
      <input
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value.trim())}
        maxLength={7}
        aria-invalid={!isColour}
        className="border-line-strong bg-surface h-9 w-24 rounded-md border px-2 font-mono text-[13px]"
      />
    </div>
  );
}

/** WCAG AA for text. */
const ENOUGH = 4.5;

function Contrast({ look }: { look: Brand }) {
  const pairs = [
    { what: 'Text on buttons', ratio: contrastOf(look.onAccent, look.accent) },
    { what: 'Text on paper', ratio: contrastOf(look.text, look.paper) },
    { what: 'Links on paper', ratio: contrastOf(look.accent, look.paper) },
    { what: 'The small print', ratio: contrastOf(FOOTER_COLOUR, look.background) },
  ].filter(({ ratio }) => ratio !== undefined && ratio < ENOUGH);
  if (pairs.length === 0) return null;
  return (
    <Banner tone="warning">
      Hard to read: {pairs.map(({ what, ratio }) => `${what} (${ratio!.toFixed(1)})`).join(', ')}. The contrast should
      be at least {ENOUGH}.
    </Banner>
  );
}

function Sample({ look }: { look: Brand }) {
  const words = footerWords(look.language);
  return (
    <section
      aria-label="What it looks like"
      className="border-line rounded-lg border px-4 py-6"
      style={{ background: look.background, color: look.text, fontFamily: fontsOf(look), colorScheme: 'light' }}
    >
      <div
        className="mx-auto max-w-[37.5rem] px-6 py-6"
        style={{ background: look.paper, fontSize: 16, lineHeight: 1.5 }}
      >
        {look.logo && (
          <img
            src={look.logo.source}
            alt={look.logo.alt}
            width={look.logo.width}
            className="mx-auto mb-4 h-auto max-w-full"
          />
        )}
        <p className="mb-3 text-[28px] leading-tight font-bold">A heading</p>
        <p>
          A paragraph with{' '}
          <span className="underline" style={{ color: look.accent }}>
            a link
          </span>
          , as people read it.
        </p>
        <p className="mt-5 text-center">
          <span
            className="inline-block rounded-md px-6 py-3 leading-tight font-semibold"
            style={{ background: look.accent, color: look.onAccent }}
          >
            A button
          </span>
        </p>
      </div>
      <div className="mt-4 text-center" style={{ color: FOOTER_COLOUR, fontSize: FOOTER_SIZE, lineHeight: 1.5 }}>
        {look.sentBy && <p className="mb-2 whitespace-pre-line">{look.sentBy}</p>}
        <p>
          <span className="underline">{words.unsubscribe}</span> ·{' '}
          <span className="underline">{words.preferences}</span> · <span className="underline">{words.view}</span>
        </p>
      </div>
    </section>
  );
}
