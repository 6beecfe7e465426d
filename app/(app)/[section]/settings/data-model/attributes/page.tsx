import { requireSection } from '@/app/viewer';
import { mayAct } from '@/lib/access/policy';
import { listAttributes } from '@/lib/attributes/queries';
import { listIndexes } from '@/lib/attributes/value-index';
import { pool } from '@/lib/db/pool';
import { dependents, withUsers } from '@/lib/used-in/queries';
import { AttributesTable } from './attributes-table';

export const metadata = { title: 'Attributes' };

export default async function AttributesPage({ params }: { params: Promise<{ section: string }> }) {
  const { actor, section } = await requireSection((await params).section);
  if (!mayAct(actor, 'admins')) return null;
  const [attributes, touched, indexes] = await Promise.all([
    listAttributes(pool(), section.id, { hidden: true }).then((all) => withUsers(pool(), section.id, 'attribute', all)),
    dependents(pool(), section.id, 'attribute'),
    listIndexes(pool(), section.id),
  ]);
  return (
    <AttributesTable
      section={{ id: section.id, slug: section.slug }}
      attributes={attributes}
      dependents={touched}
      indexes={indexes}
    />
  );
}
