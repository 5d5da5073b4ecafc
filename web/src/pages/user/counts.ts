/** How much an erasure takes, in the words of the console. */

import type { JsonValue } from "../../graph/json.ts";

type Names = [one: string, many: string];
type Kind = { names: Names; count: number };

const KINDS: Record<string, Names> = {
  contexts: ["context", "contexts"],
  context_versions: ["earlier version", "earlier versions"],
  conversations: ["conversation", "conversations"],
  responses: ["answer", "answers"],
  context_embeddings: ["embedding", "embeddings"],
  api_keys: ["key", "keys"],
};

const OTHERS: Names = ["row of bookkeeping", "rows of bookkeeping"];

/** Each kind of which there is something. The row of the user itself is none. */
export function kinds(counts: JsonValue): Kind[] {
  const rows = Object.entries(counts as Record<string, number>);
  const others = rows.filter(([table]) => table !== "users" && !(table in KINDS));
  const named = Object.entries(KINDS).map(([table, names]) => ({
    names,
    count: rows.find(([name]) => name === table)?.[1] ?? 0,
  }));
  const all = [...named, { names: OTHERS, count: others.reduce((sum, [, count]) => sum + count, 0) }];
  return all.filter(({ count }) => count > 0);
}

const list = new Intl.ListFormat("en");

/** `3 contexts, 1 conversation, and 2 answers`. */
export function inWords(counts: JsonValue): string {
  const told = kinds(counts).map(({ names: [one, many], count }) => (count === 1 ? `1 ${one}` : `${count} ${many}`));
  return told.length ? list.format(told) : "nothing that was known about them";
}
