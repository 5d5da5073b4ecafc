/** The editors in the colours of the page, and readable: GraphiQL's dark comments and line numbers are too faint. */

import { useMonaco } from "@graphiql/react";
import { useEffect } from "react";

const CLEAR = "#ffffff00";

/** The colours of what Monaco shows: what is chosen has the accent, and what opens has the ground. */
function colours(accent: string, ground: string, numbers: string) {
  return {
    "editor.background": CLEAR,
    "scrollbar.shadow": CLEAR,
    "editorLineNumber.foreground": numbers,
    focusBorder: accent,
    ...onEach(["editorHoverWidget", "editorSuggestWidget", "editorWidget", "menu", "quickInput"], ground),
    "editorSuggestWidget.selectedBackground": `${accent}33`,
    "menu.selectionBackground": `${accent}33`,
    "quickInputList.focusBackground": `${accent}33`,
    "list.hoverBackground": `${accent}1a`,
    "list.highlightForeground": accent,
    "list.focusHighlightForeground": accent,
    "textLink.foreground": accent,
    "editorLink.activeForeground": accent,
  };
}

function onEach(parts: string[], ground: string): Record<string, string> {
  return Object.fromEntries(parts.map((part) => [`${part}.background`, ground]));
}

export function useReadableColours(): void {
  const monaco = useMonaco((state) => state.monaco);
  useEffect(() => {
    // By GraphiQL's own names, so that its switch finds them.
    monaco?.editor.defineTheme("graphiql-LIGHT", {
      base: "vs",
      inherit: true,
      colors: {
        ...colours("#0f6b63", "#ffffff", "#237893"),
        "editorSuggestWidget.selectedForeground": "#1b2227",
        "menu.selectionForeground": "#1b2227",
        "quickInputList.focusForeground": "#1b2227",
      },
      rules: [{ token: "argument.identifier.gql", foreground: "6c69ce" }],
    });
    monaco?.editor.defineTheme("graphiql-DARK", {
      base: "vs-dark",
      inherit: true,
      colors: colours("#5fd4c6", "#212a3b", "#a3adbd"),
      rules: [
        { token: "argument.identifier.gql", foreground: "a9a4ff" },
        { token: "comment", foreground: "8fbf7f" },
      ],
    });
  }, [monaco]);
}
