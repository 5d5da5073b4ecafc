/** Writes the response that was asked for last into the variables of the tabs that wish it. */

import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect, useRef } from "react";
import { newest, withResponse } from "./newest.ts";

export function Newest() {
  const state = useGraphiQL(pick("tabs", "activeTabIndex", "variableEditor"));
  const { updateActiveTabValues } = useGraphiQLActions();
  const current = useRef(state);
  current.current = state;
  useEffect(
    () =>
      newest.subscribe(() => {
        const { tabs, activeTabIndex, variableEditor } = current.current;
        const response = newest.get();
        if (!response) return;
        for (const [index, tab] of tabs.entries()) {
          const variables = withResponse(tab.query ?? null, tab.variables ?? null, response);
          if (!variables) continue;
          if (index === activeTabIndex) variableEditor?.setValue(variables);
          // In place: GraphiQL changes no other tab than the shown one, but by writing all editors anew.
          else tab.variables = variables;
        }
        updateActiveTabValues({});
      }),
    [updateActiveTabValues],
  );
  return null;
}
