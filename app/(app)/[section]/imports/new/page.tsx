import { requireSection } from '@/app/viewer';
import { Banner, PageHeader } from '@/components/ui/display';
import { environment } from '@/lib/config/environment';
import { readImport } from '@/lib/imports/reads';
import { UploadBox } from './upload-box';

export const metadata = { title: 'Import a file' };

type Props = { params: Promise<{ section: string }>; searchParams: Promise<{ like?: string }> };

/** `?like=7`: imports the file like that earlier import. */
export default async function NewImportPage({ params, searchParams }: Props) {
  const { actor, section } = await requireSection((await params).section);
  const found = await readImport(actor, { sectionId: section.id, importId: (await searchParams).like });
  const like = found.ok ? found.value : undefined;
  return (
    <>
      <PageHeader title="Import a file">
        Upload → map the columns → choose tags → run. You can undo it afterwards.
      </PageHeader>
      {like && (
        <div className="mb-4 max-w-4xl">
          <Banner>
            Choose the file. It gets the same settings and tags as “{like.fileName}”; you can change them before you
            import.
          </Banner>
        </div>
      )}
      <UploadBox
        slug={section.slug}
        maxMegabytes={environment().TAGWELL_MAX_UPLOAD_MB}
        like={like === undefined ? null : like.id}
      />
    </>
  );
}
