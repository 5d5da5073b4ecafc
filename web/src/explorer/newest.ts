/** The response that was asked for last in this page, and the tabs that show it. */

import { observable } from "../graph/observable.ts";

export const newest = observable<string | undefined>(undefined);

type Asked = { response?: { id?: unknown } } | null;
type Answer = { data?: { generateResponse?: Asked; startResponse?: Asked } | null };

/** Tell of the response that this answer has begun, if it has. */
export function announce(answer: unknown): void {
  const { data } = (Array.isArray(answer) ? answer[0] : answer) as Answer;
  const id = (data?.generateResponse ?? data?.startResponse)?.response?.id;
  if (typeof id === "string") newest.set(id);
}

/** The line by which a tab wishes it. */
const WISH = "# This page writes $response";

/** The variables of a tab with this response in them; undefined where the tab does not wish it. */
export function withResponse(query: string | null, variables: string | null, response: string): string | undefined {
  if (!query?.includes(WISH)) return undefined;
  try {
    return JSON.stringify({ ...JSON.parse(variables || "{}"), response }, null, 2);
  } catch {
    // They are just being written.
    return undefined;
  }
}
