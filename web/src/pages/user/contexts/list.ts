/** The list as it stands now: what was read, with what has changed since. */

import type { Change } from "../../../graph/changes.ts";
import type { ListedFragment } from "../../../graph/operations.ts";

export type Listed = ListedFragment;
export type Row = { context: Listed; change?: Change["change"] };

/** Which contexts are wanted. Without types: all. */
export type Wanted = { types: string[]; includeInactive: boolean };

/**
 * The rows, newest first. What is new among them is there too, as far back as the list reaches;
 * `isWhole` says that it reaches to the end.
 */
export function rowsOf(read: Listed[], isWhole: boolean, newest: ReadonlyMap<string, Change>, wanted: Wanted): Row[] {
  const rows = new Map<string, Row>(read.map((context) => [context.id, { context }]));
  const since = isWhole ? "" : (read.at(-1)?.createdAt ?? "");
  for (const { change, context } of newest.values()) {
    const known = rows.get(context.id);
    const reaches = known || (isWanted(context, wanted) && context.createdAt >= since);
    if (reaches && (known?.context.version ?? 0) < context.version) rows.set(context.id, { context, change });
  }
  return (
    [...rows.values()]
      .filter(({ context }) => isWanted(context, wanted))
      // Those of one moment stay in the order in which they came.
      .sort((one, other) => order(other.context.createdAt, one.context.createdAt))
  );
}

function order(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The first page with what was read before and after it: what new ones have pushed off it is still there. */
export function joined(first: Listed[], read: Listed[]): Listed[] {
  const ids = new Set(first.map(({ id }) => id));
  return [...first, ...read.filter(({ id }) => !ids.has(id))];
}

function isWanted(context: Listed, { types, includeInactive }: Wanted): boolean {
  return (types.length === 0 || types.includes(context.contextType)) && (includeInactive || context.isActive);
}
