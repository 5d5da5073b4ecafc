/** Who looks, as the server says it. */

import type { CombinedError } from "@urql/core";
import { createContext, use } from "react";
import { useQuery } from "urql";
import { ViewerDocument, type ViewerQuery } from "../graph/operations.ts";
import { currentKey } from "./key.ts";

export type Viewer = ViewerQuery["viewer"];

/** Why nobody may look yet: there is no credential, or the server has refused it. */
export type SignInProblem = "none" | CombinedError;

export const ViewerContext = createContext<Viewer | null>(null);

export function useViewer(): { viewer?: Viewer; problem?: SignInProblem } {
  const nobody = !currentKey();
  const [{ data, error }] = useQuery({ query: ViewerDocument, pause: nobody });
  if (nobody) return { problem: "none" };
  if (data) return { viewer: data.viewer };
  return error ? { problem: error } : {};
}

/** Whether the page is looked at by a service, which may see everybody. */
export function useIsService(): boolean {
  return use(ViewerContext)?.role === "SERVICE";
}
