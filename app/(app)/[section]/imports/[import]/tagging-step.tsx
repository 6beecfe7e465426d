'use client';
// The tags to apply and remove: for all rows, and from tag columns, whose new names await approval.
import { TagPicker } from '@/components/tags/tag-picker';
import { useTagLabels } from '@/components/tags/use-tags';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup } from '@/components/ui/field';
import type { TagId } from '@/lib/db/ids';
import type { NamesInFile } from '@/lib/imports/preview';
import type { Mapping } from '@/lib/imports/schema';
import { NameDecisions } from './name-decisions';
import { NameSeparatorChoice } from './name-separator';

type Props = {
  slug: string;
  mapping: Mapping;
  names: NamesInFile | undefined;
  readingNames: boolean;
  onChange: (change: Partial<Mapping>) => void;
  /** A new name is being checked: the tags are not complete until then. */
  onChecking: (isChecking: boolean) => void;
};

export function TaggingStep({ slug, mapping, names, readingNames, onChange, onChecking }: Props) {
  const { labels } = useTagLabels(slug, [...mapping.apply, ...mapping.remove]);
  const nameOf = (ids: readonly TagId[]) => ids.map((id) => labels.get(id)?.name ?? '…').join(', ');
  const toggled = (list: TagId[], id: TagId, next: boolean) =>
    next ? [...list.filter((item) => item !== id), id] : list.filter((item) => item !== id);
  const byColumn = mapping.columns.some(({ to }) => to === 'tags');
  const picker = (key: 'apply' | 'remove', label: string, other: 'apply' | 'remove') => (
    <div className="min-w-0 flex-1 basis-72">
      <p className="mb-1 text-[13px] font-medium">{label}</p>
      <TagPicker
        slug={slug}
        label={label}
        canCreate={key === 'apply'}
        {...(key === 'apply' && {
          later: { tags: mapping.create, onChange: (create) => onChange({ create }), onChecking },
        })}
        showsChosen
        selection={new Map(mapping[key].map((id) => [id, 'all' as const]))}
        onToggle={(tag, next) =>
          onChange({
            [key]: toggled(mapping[key], tag.id, next),
            [other]: mapping[other].filter((id) => id !== tag.id),
          })
        }
      />
    </div>
  );
  return (
    <section className={`${cardClass} flex flex-col gap-3 p-4`} aria-labelledby="tagging">
      <h2 id="tagging" className="font-semibold">
        3. Tags
      </h2>
      <div className="flex flex-wrap gap-6">
        {picker('apply', 'Tags to apply', 'remove')}
        {picker('remove', 'Tags to remove', 'apply')}
      </div>
      {byColumn && (
        <>
          <NameSeparatorChoice mapping={mapping} reading={names?.separator} onChange={onChange} />
          <NameDecisions names={names} reading={readingNames} mapping={mapping} onChange={onChange} />
        </>
      )}
      {mapping.rows === 'all' && (
        <RadioGroup
          label="The tags are for"
          value={mapping.tagged}
          onChange={(tagged) => onChange({ tagged })}
          options={[
            { value: 'all', label: 'All profiles in the file' },
            { value: 'new', label: 'Only new ones' },
            { value: 'existing', label: 'Only existing ones' },
          ]}
        />
      )}
      {mapping.apply.length + mapping.create.length + mapping.remove.length === 0 && !byColumn ? (
        <Banner tone="warning">
          No tag is chosen, so no tag will be applied. Choose one above, or have a column become “Tags to add”.
        </Banner>
      ) : (
        <p aria-live="polite">
          {mapping.apply.length + mapping.create.length > 0 && (
            <>
              Apply{' '}
              <strong>
                {[...mapping.apply.map((id) => nameOf([id])), ...mapping.create.map(({ name }) => name)].join(', ')}
              </strong>
              .{' '}
            </>
          )}
          {mapping.create.length > 0 && 'New tags come into being when the import is started. '}
          {mapping.remove.length > 0 && (
            <>
              Remove <strong>{nameOf(mapping.remove)}</strong>.{' '}
            </>
          )}
          {byColumn && 'Tags in a row’s own tag columns take priority over the tags chosen here.'}
        </p>
      )}
    </section>
  );
}
