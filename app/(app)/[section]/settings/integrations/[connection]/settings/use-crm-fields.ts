'use client';
// The fields that contacts have in a CRM now. It is asked once for a page.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '@/components/ui/json';
import type { ConnectionId } from '@/lib/db/ids';
import type { CrmField } from '@/lib/integrations/connector';

export const useCrmFields = (slug: string, connectionId: ConnectionId, enabled: boolean) =>
  useQuery({
    queryKey: ['crm-fields', slug, connectionId],
    queryFn: ({ signal }) => getJson<CrmField[]>(`/data/${slug}/integrations/${connectionId}/fields`, signal),
    enabled,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
