/** Who looks, as the server says it. */

import type { CombinedError } from "@urql/core";
import { createContext, use, useEffect } from "react";
import { useQuery } from "urql";
import { ViewerDocument, type ViewerQuery } from "../graph/operations.ts";
import { codeOf } from "../parts/Problem.tsx";
import { currentKey } from "./key.ts";

export type Viewer = ViewerQuery["viewer"];

/** Why nobody may look yet: there is no credential, or the server has refused it. */
export type SignInProblem = "none" | CombinedError;

export const ViewerContext = createContext<Viewer | null>(null);

type Found = { viewer?: Viewer; refused?: SignInProblem; away?: CombinedError };

const AGAIN_MILLISECONDS = 3000;

/** The viewer, once the server has said who it is. While it is `away` it is asked again and again. */
export function useViewer(): Found {
  const nobody = !currentKey();
  const [{ data, error }, ask] = useQuery({ query: ViewerDocument, pause: nobody });
  const isRefused = codeOf(error) === "UNAUTHENTICATED";
  useEffect(() => {
    if (!error || data || isRefused) return;
    const timer = setTimeout(() => ask({ requestPolicy: "network-only" }), AGAIN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [error, data, isRefused, ask]);
  if (nobody) return { refused: "none" };
  if (data) return { viewer: data.viewer };
  if (!error) return {};
  return isRefused ? { refused: error } : { away: error };
}

/** Whether the page is looked at by a service, which may see everybody. */
export function useIsService(): boolean {
  return use(ViewerContext)?.role === "SERVICE";
}
