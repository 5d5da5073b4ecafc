/** The tabs that this browser has kept, made ready before GraphiQL reads them. */

import { type Starter, starters } from "./starters.ts";
import { OURS, TABS } from "./storage.ts";

type Kept = { activeTabIndex: number; tabs: { query: string | null; variables: string | null }[] };

const USER = `${OURS}starterUser`;

/** Starters that nobody has changed get the text and the ids that hold `now`, where they are of another user, or of none. */
export function bringUpToDate(now: Starter[], user: string): void {
  const kept = keptTabs();
  if (kept && localStorage.getItem(USER) !== user) renew(kept, now);
  if (kept) keep(kept);
  localStorage.setItem(USER, user);
}

function renew({ tabs }: Kept, now: Starter[]): void {
  const unseeded = starters(undefined);
  for (const tab of tabs) {
    const index = now.findIndex(({ query }, at) => tab.query === query || tab.query === unseeded[at]?.query);
    Object.assign(tab, now[index]);
  }
}

function keptTabs(): Kept | undefined {
  try {
    return JSON.parse(localStorage.getItem(TABS) ?? "");
  } catch {
    return undefined;
  }
}

function keep(kept: Kept): void {
  localStorage.setItem(TABS, JSON.stringify(kept));
  // GraphiQL keeps what the shown tab holds once more, at another moment, and opens one more tab where the two differ.
  const shown = kept.tabs[kept.activeTabIndex];
  localStorage.setItem(`${OURS}query`, shown?.query ?? "");
  localStorage.setItem(`${OURS}variables`, shown?.variables ?? "");
}
