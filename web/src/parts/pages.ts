/** How many pages of a list are shown: kept with the entry of the browser's history, for who reloads or comes back. */

import { useSearch } from "wouter";
import { navigate, useHistoryState, usePathname } from "wouter/use-browser-location";

type Kept = { pages?: number };

/** `more` shows one page more. What is asked for anew begins with one. */
export function usePages(): { pages: number; more: () => void } {
  const kept = useHistoryState<Kept | null>();
  const path = usePathname();
  const search = useSearch();
  const pages = kept?.pages ?? 1;
  const more = () =>
    navigate(search ? `${path}?${search}` : path, { replace: true, state: { ...kept, pages: pages + 1 } });
  return { pages, more };
}
