/** What one looks for, in the address of the page: a reload and a link keep it. */

import { useSearchParams } from "wouter";
import type { SearchMode } from "../../../graph/operations.ts";

const MODES: SearchMode[] = ["HYBRID", "KEYWORD", "SEMANTIC"];

export type Asked = { query: string; mode: SearchMode; types: string[]; includeInactive: boolean };

export function useAsked(): [Asked, (change: Partial<Asked>) => void] {
  const [params, setParams] = useSearchParams();
  const mode = MODES.find((one) => one === params.get("mode")) ?? "HYBRID";
  const asked = {
    query: params.get("q") ?? "",
    mode,
    types: params.getAll("type"),
    includeInactive: params.has("deleted"),
  };
  const ask = (change: Partial<Asked>) => setParams(written({ ...asked, ...change }), { replace: true });
  return [asked, ask];
}

function written({ query, mode, types, includeInactive }: Asked): URLSearchParams {
  const params = new URLSearchParams(types.map((type) => ["type", type]));
  if (query) params.set("q", query);
  if (mode !== "HYBRID") params.set("mode", mode);
  if (includeInactive) params.set("deleted", "");
  return params;
}
