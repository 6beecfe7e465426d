import { redirect } from 'next/navigation';

export default async function SectionPage({ params }: { params: Promise<{ section: string }> }) {
  redirect(`/${(await params).section}/profiles`);
}
