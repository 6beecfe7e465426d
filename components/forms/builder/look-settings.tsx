'use client';
// How the form looks, the language that it speaks, and its own words instead of those of the language.
import { Checkbox, Select, TextField } from '@/components/ui/field';
import { Labelled } from '@/components/ui/labelled';
import { ToggleRow } from '@/components/ui/toggle-row';
import { FONTS, type Look } from '@/lib/forms/look';
import { elementsOf, type FormDocument } from '@/lib/forms/schema';
import { LANGUAGE_NAMES, LANGUAGES, textOf, type TextKey } from '@/lib/forms/texts';
import type { Brand } from '@/lib/mail-document/schema';
import { useBuilder, useDocument } from './builder-context';
import { DraftField } from '@/components/ui/draft-field';
import { withText } from './own-texts';
import { SettingsGroup } from './settings-group';

const FONT_NAMES: Record<keyof typeof FONTS, string> = {
  system: 'As the device',
  humanist: 'Humanist',
  geometric: 'Geometric',
  serif: 'Serif',
  oldstyle: 'Old style',
};

export function LookSettings({ brand }: { brand: Brand }) {
  const { change } = useBuilder();
  const { document } = useDocument();
  const { look } = document;
  const set = (part: Partial<Look>, what: string | null = null) =>
    change((now) => ({ ...now, look: { ...now.look, ...part } }), what);
  return (
    <>
      <SettingsGroup id="form-look" title="Look">
        <div className="flex flex-col gap-2">
          <Checkbox
            isSelected={look.accent === null}
            onChange={(isSelected) => set({ accent: isSelected ? null : brand.accent })}
          >
            The accent colour of the section’s emails
          </Checkbox>
          {look.accent !== null && (
            <div className="flex items-end gap-2">
              <input
                type="color"
                aria-label="Accent colour: choose"
                value={look.accent}
                onChange={(event) => set({ accent: event.target.value }, 'accent')}
                className="border-line-strong h-9 w-11 shrink-0 cursor-pointer rounded-md border bg-transparent p-0.5"
              />
              <DraftField
                label="Accent colour"
                value={look.accent}
                show={(colour) => colour}
                read={(text) =>
                  /^#[0-9a-f]{6}$/i.test(text.trim())
                    ? { value: text.trim() }
                    : { problem: 'A colour looks like #0a5751.' }
                }
                onChange={(accent) => set({ accent }, 'accent')}
              />
            </div>
          )}
        </div>
        <Select
          label="Font"
          value={look.font}
          options={Object.keys(FONTS).map((font) => ({
            value: font as keyof typeof FONTS,
            label: FONT_NAMES[font as keyof typeof FONTS],
          }))}
          onChange={(font) => set({ font })}
        />
        <Labelled label="Corners">
          <ToggleRow
            label="Corners"
            value={look.corners}
            options={[
              { value: 'round', label: 'Round' },
              { value: 'square', label: 'Square' },
            ]}
            onChange={(corners) => set({ corners })}
          />
        </Labelled>
        <Labelled label="Colours">
          <ToggleRow
            label="Colours"
            value={look.scheme}
            options={[
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
              { value: 'auto', label: 'As the device' },
            ]}
            onChange={(scheme) => set({ scheme })}
          />
        </Labelled>
        <Checkbox isSelected={look.logo} isDisabled={brand.logo === null} onChange={(logo) => set({ logo })}>
          <span>
            The logo above the form
            {brand.logo === null && (
              <span className="text-muted block text-[13px]">
                The section has none yet. An Admin can add it in Settings → Messages look.
              </span>
            )}
          </span>
        </Checkbox>
      </SettingsGroup>
      <WordsSettings />
    </>
  );
}

/** What people read most; the others keep the words of the language. The buttons that go on are at the end of each step. */
const ALWAYS: readonly TextKey[] = ['optional', 'problems', 'needed'];
const WITH_STEPS: readonly TextKey[] = ['back', 'step'];
const WITH_OPT_IN: readonly TextKey[] = [
  'checkMail',
  'checkMailText',
  'confirm',
  'confirmText',
  'confirmButton',
  'confirmed',
  'confirmedText',
];
const WHEN_CLOSED: readonly TextKey[] = ['closed', 'closedText'];

const WHERE: Partial<Record<TextKey, string>> = {
  optional: 'After the label of what need not be answered',
  problems: 'Above the list of what is wrong',
  needed: 'Beside a field that is missing',
  back: 'The button to the step before',
  step: 'Above a step',
  checkMail: 'After sending, the heading',
  checkMailText: 'After sending, the text',
  confirm: 'The page that confirms, the heading',
  confirmText: 'The page that confirms, the text',
  confirmButton: 'The button that confirms',
  confirmed: 'After the confirmation, the heading',
  confirmedText: 'After the confirmation, the text',
  closed: 'While it is closed, the heading',
  closedText: 'While it is closed, the text',
};

function WordsSettings() {
  const { change } = useBuilder();
  const { document } = useDocument();
  const set = (part: Partial<FormDocument>, what: string | null = null) => change((now) => ({ ...now, ...part }), what);
  const keys = [
    ...ALWAYS,
    ...(document.steps.length > 1 ? WITH_STEPS : []),
    ...(document.optIn.on ? WITH_OPT_IN : []),
    ...WHEN_CLOSED,
  ];
  const plain = { language: document.language, texts: {} };
  return (
    <SettingsGroup
      id="form-words"
      title="Language and words"
      hint={`What the form says by itself. What you write at the ${elementsOf(document).length} elements stays as you write it.`}
    >
      <Select
        label="Language"
        value={document.language}
        options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
        onChange={(language) => set({ language })}
      />
      <details>
        <summary className="font-medium">Words of your own</summary>
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          {keys.map((key) => (
            <TextField
              key={key}
              label={WHERE[key] ?? key}
              maxLength={500}
              placeholder={textOf(plain, key)}
              value={document.texts[key] ?? ''}
              onChange={(words) => set({ texts: withText(document.texts, key, words) }, `text ${key}`)}
            />
          ))}
        </div>
      </details>
    </SettingsGroup>
  );
}
