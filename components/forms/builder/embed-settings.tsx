'use client';
// Where the form may be embedded, and how it is kept from bots.
import { RadioGroup } from '@/components/ui/field';
import { FormDocumentSchema, type FormDocument } from '@/lib/forms/schema';
import { useBuilder, useDocument } from './builder-context';
import { DraftField } from '@/components/ui/draft-field';
import { SettingsGroup } from './settings-group';

const hostsIn = (text: string) =>
  text
    .split(/[\n,]/)
    .map((line) => hostOf(line.trim()))
    .filter(Boolean);

/** People paste addresses of pages. */
function hostOf(text: string): string {
  try {
    return /^https?:\/\//i.test(text) ? new URL(text).host : text.toLowerCase();
  } catch {
    return text;
  }
}

export function EmbedSettings() {
  const { change } = useBuilder();
  const { document } = useDocument();
  const set = (part: Partial<FormDocument>, what: string | null = null) => change((now) => ({ ...now, ...part }), what);
  const { hosts, proof } = document;
  const mode = hosts.length === 0 ? 'none' : hosts.includes('*') ? 'any' : 'some';
  return (
    <>
      <SettingsGroup
        id="form-hosts"
        title="In other websites"
        hint="The form’s own address works in any case. How to embed it is under Share."
      >
        <RadioGroup
          label="It may be embedded"
          value={mode}
          options={[
            { value: 'any', label: 'Anywhere' },
            { value: 'some', label: 'In these websites' },
            { value: 'none', label: 'Nowhere' },
          ]}
          onChange={(next) => set({ hosts: next === 'any' ? ['*'] : next === 'none' ? [] : ['www.example.com'] })}
        />
        {mode === 'some' && (
          <DraftField
            lines
            label="Websites, one a line"
            help="Such as www.example.com, or *.example.com for all of example.com."
            value={hosts}
            show={(all) => all.join('\n')}
            read={(text) => {
              const found = FormDocumentSchema.shape.hosts.safeParse(hostsIn(text));
              if (!found.success) return { problem: found.error.issues[0]?.message ?? 'This is no website.' };
              return found.data.length === 0 ? { problem: 'Enter at least one website.' } : { value: found.data };
            }}
            onChange={(next) => set({ hosts: next }, 'hosts')}
          />
        )}
      </SettingsGroup>
      <SettingsGroup
        id="form-spam"
        title="Spam"
        hint="Submissions that look like spam are put into quarantine, where you can release them. Nothing is lost, and senders are told nothing."
      >
        <RadioGroup
          label="Proof of work: the visitor’s browser computes for a moment before it sends, without a puzzle"
          value={proof}
          options={[
            { value: 'auto', label: 'If something speaks for spam' },
            { value: 'always', label: 'Always' },
            { value: 'never', label: 'Never' },
          ]}
          onChange={(next) => set({ proof: next })}
        />
      </SettingsGroup>
    </>
  );
}
