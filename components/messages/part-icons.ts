// The icon of each kind of thing that an audience is made of.
import { Filter, Mail, Tag, type LucideIcon } from 'lucide-react';
import type { AudiencePart } from '@/lib/audience/schema';

export const PART_ICONS: Record<AudiencePart['kind'], LucideIcon> = { tag: Tag, segment: Filter, message: Mail };
