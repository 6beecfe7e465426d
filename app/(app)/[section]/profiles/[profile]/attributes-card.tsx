'use client';
// The attributes, each of which can be edited where it stands.
import { cardClass } from '@/components/ui/display';
import type { Attribute } from '@/lib/attributes/schema';
import type { SectionId } from '@/lib/db/ids';
import type { EnteredKeyspace, ProfileDetails } from '@/lib/profiles/schema';
import { AttributeRow } from './attribute-row';
import { rowField } from './row-field';

type Props = {
  section: { id: SectionId; slug: string };
  profile: ProfileDetails;
  attributes: Attribute[];
  keyspaces: EnteredKeyspace[];
};

export function AttributesCard({ section, profile, attributes, keyspaces }: Props) {
  return (
    <section className={`${cardClass} h-fit p-4`} aria-labelledby="attributes">
      <h2 id="attributes" className="mb-2 font-semibold">
        Attributes
      </h2>
      <dl className="flex flex-col">
        {attributes.map((attribute) => (
          <AttributeRow
            key={attribute.id}
            section={section}
            profile={profile}
            field={rowField(attribute, profile, keyspaces)}
          />
        ))}
      </dl>
    </section>
  );
}
