/** GraphiQL, with the tabs that it opens with, and the way back to the console. */

import { GraphiQL } from "graphiql";
import "graphiql/setup-workers/vite";
import "./styles.ts";
import icon from "../icon.svg";
import { useReadableColours } from "./colours.ts";
import { fetcher } from "./fetcher.ts";
import { Newest } from "./Newest.tsx";
import type { Starter } from "./starters.ts";
import { storage } from "./storage.ts";

export default function Explorer({ tabs }: { tabs: Starter[] }) {
  useReadableColours();
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      defaultTabs={tabs}
      defaultEditorToolsVisibility="variables"
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>
        <a className="to-console" href="/">
          <img src={icon} alt="" width="20" height="20" /> <span>ContextQL console</span>
        </a>
      </GraphiQL.Logo>
      <Newest />
    </GraphiQL>
  );
}
