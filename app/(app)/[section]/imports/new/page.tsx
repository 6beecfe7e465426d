import { requireSection } from '@/app/viewer';
import { PageHeader } from '@/components/ui/display';
import { environment } from '@/lib/config/environment';
import { UploadBox } from './upload-box';

export const metadata = { title: 'Import a file' };

export default async function NewImportPage({ params }: { params: Promise<{ section: string }> }) {
  const { section } = await requireSection((await params).section);
  return (
    <>
      <PageHeader title="Import a file">
        Upload → map the columns → choose tags → run. You can undo it afterwards.
      </PageHeader>
      <UploadBox slug={section.slug} maxMegabytes={environment().TAGWELL_MAX_UPLOAD_MB} />
    </>
  );
}
