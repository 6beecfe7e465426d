'use client';
// The fields of a hidden value, which comes with the address of the page.
import { Select } from '@/components/ui/field';
import type { Element } from '@/lib/forms/schema';
import { useBuilder } from './builder-context';
import { DraftField } from '@/components/ui/draft-field';
import { useSet } from './use-set';

type Hidden = Extract<Element, { kind: 'hidden' }>;

const ANSWER_ONLY = 'answer';
const ALLOWED_MAX = 50;

export function HiddenFields({ element }: { element: Hidden }) {
  const { attributes } = useBuilder();
  const set = useSet(element);
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2">
        <DraftField
          label="Parameter of the address"
          help={`The form is opened with ?${element.parameter || 'campaign'}=…`}
          value={element.parameter}
          show={(parameter) => parameter}
          read={(text) =>
            /^$|^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(text.trim())
              ? { value: text.trim() }
              : { problem: 'Use letters, digits, - and _, and begin with a letter.' }
          }
          onChange={(parameter) => set({ parameter }, 'parameter')}
        />
        <Select
          label="The value goes to"
          value={element.attributeId === null ? ANSWER_ONLY : String(element.attributeId)}
          options={[
            { value: ANSWER_ONLY, label: 'The submission only', hint: 'Kept with the answers, not on the profile' },
            ...attributes
              .filter(({ system, code }) => !system || (code !== 'email' && code !== 'mobile'))
              .map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          onChange={(value) => set({ attributeId: attributes.find(({ id }) => String(id) === value)?.id ?? null })}
        />
      </div>
      <DraftField
        lines
        label="Values that are taken, one a line"
        help="Others are ignored. Empty: any value, since everybody can change an address."
        value={element.allowed}
        show={(allowed) => allowed.join('\n')}
        read={(text) => {
          const lines = text
            .split('\n')
            .map((line) => line.trim())
            .filter(Boolean);
          if (lines.length > ALLOWED_MAX) return { problem: `At most ${ALLOWED_MAX} values.` };
          if (lines.some((line) => line.length > 200)) return { problem: 'A value may have 200 characters.' };
          return { value: lines };
        }}
        onChange={(allowed) => set({ allowed }, 'allowed')}
      />
    </>
  );
}
