// An address below a section that leads nowhere: 'not found' with the section's menu.
import { notFound } from 'next/navigation';
import { requireSection } from '@/app/viewer';

export const metadata = { title: 'Page not found' };

export default async function UnknownPage({ params }: { params: Promise<{ section: string }> }) {
  await requireSection((await params).section);
  notFound();
}
