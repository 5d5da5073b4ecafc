/** The colours of the editors where GraphiQL's dark ones are too faint to be read. */

import { useMonaco } from "@graphiql/react";
import { useEffect } from "react";

const NAME = "graphiql-DARK";

export function useReadableColours(): void {
  const monaco = useMonaco((state) => state.monaco);
  useEffect(() => {
    // Under its own name, so that GraphiQL's switch finds it.
    monaco?.editor.defineTheme(NAME, {
      base: "vs-dark",
      inherit: true,
      colors: {
        "editor.background": "#ffffff00",
        "scrollbar.shadow": "#ffffff00",
        "editorLineNumber.foreground": "#a3adbd",
        "editorHoverWidget.background": "#212a3b",
        "editorSuggestWidget.background": "#212a3b",
        "editorWidget.background": "#212a3b",
        "menu.background": "#212a3b",
        focusBorder: "#5fd4c6",
      },
      rules: [
        { token: "argument.identifier.gql", foreground: "a9a4ff" },
        { token: "comment", foreground: "8fbf7f" },
      ],
    });
  }, [monaco]);
}
