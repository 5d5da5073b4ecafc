/** GraphiQL, the page for who gets to know the graph: signed in as in the console, with tabs that run as they are. */

import { lazy, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { opening } from "./explorer/opening.ts";
import { applyTheme } from "./session/theme.ts";

const loading = import("./explorer/Explorer.tsx");
const Explorer = lazy(() => loading);
const SignedOut = lazy(() => import("./explorer/SignedOut.tsx"));

applyTheme();
const root = document.getElementById("root");
if (root) {
  const page = createRoot(root);
  const { refused, tabs } = await opening();
  page.render(<Suspense>{refused ? <SignedOut problem={refused} /> : <Explorer tabs={tabs} />}</Suspense>);
}
