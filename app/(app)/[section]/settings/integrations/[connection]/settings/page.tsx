import { publicOrigin } from '@/app/public-origin';
import { Refused } from '@/app/refused';
import { requireSection } from '@/app/viewer';
import { valueForPage } from '@/app/value-for-page';
import { PageHeader } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { Option } from '@/components/ui/field';
import { readAttributes } from '@/lib/attributes/reads';
import { TYPE_NAMES, type Attribute } from '@/lib/attributes/schema';
import { phoneCountries } from '@/lib/imports/countries';
import { targetOf } from '@/lib/integrations/custom-match';
import { connectorForms } from '@/lib/integrations/forms';
import { readConnectionPage, readHook } from '@/lib/integrations/reads';
import { followsKey } from '@/lib/profiles/keys';
import { Announcements } from './announcements';
import { CredentialsForm } from './credentials-form';
import { OptionsForm } from './options-form';
import { WhereForm } from './where-form';

export const metadata = { title: 'Settings of an integration' };

/** What people can be found by: keys, and attributes that may have another value for each person. */
function asTarget(attribute: Attribute): Option<string>[] {
  const target = targetOf(attribute);
  if (!target) return [];
  return [
    { value: attribute.code, label: attribute.name, hint: target.kind === 'key' ? 'Key' : TYPE_NAMES[target.type] },
  ];
}

type Props = { params: Promise<{ section: string; connection: string }> };

export default async function ConnectionSettingsPage({ params }: Props) {
  const { section: slug, connection: connectionId } = await params;
  const { actor, section } = await requireSection(slug);
  const found = await readConnectionPage(actor, { sectionId: section.id, connectionId });
  if (!found.ok) return <Refused actor={actor} what="Integrations" refusal={found.refusal} />;
  const { connection } = found.value;
  const attributes = await valueForPage(readAttributes(actor, { sectionId: section.id }));
  // The others follow a key of the profile.
  const settable = attributes.filter(({ system, code }) => !system || !followsKey(code));
  const origin = await publicOrigin();
  const hook = await valueForPage(readHook(actor, { sectionId: section.id, connectionId, origin }));
  const form = connectorForms().find(({ kind }) => kind === connection.kind);
  const fields = form?.fields ?? [];
  const crm = form?.name ?? connection.name;
  const place = { id: section.id, slug };
  return (
    <>
      <PageHeader title={`Settings of “${connection.name}”`}>
        <Link href={`/${slug}/settings/integrations/${connection.id}`} className="underline">
          Back to the connection
        </Link>
      </PageHeader>
      <div className="flex max-w-2xl flex-col gap-6">
        <WhereForm section={place} connection={connection} fields={fields} crm={crm} />
        <OptionsForm
          section={place}
          connection={connection}
          attributes={settable.map(({ code, name, type }) => ({ value: code, label: name, type }))}
          targets={attributes.flatMap(asTarget)}
          countries={phoneCountries()}
          announces={hook.ways.length > 0}
        />
        {hook.ways.length > 0 && <Announcements section={place} connection={connection} hook={hook} />}
        <CredentialsForm
          section={place}
          connection={connection}
          fields={fields.filter(({ kind }) => kind === 'secret')}
          crm={crm}
        />
      </div>
    </>
  );
}
