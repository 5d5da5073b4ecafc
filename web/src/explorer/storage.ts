/** What GraphiQL keeps in this browser: tabs and history without their headers, and the theme that the console has. */

import { forgetTheme, keepTheme, keptTheme } from "../session/theme.ts";

export const OURS = "graphiql:";
const THEME = `${OURS}theme`;
export const TABS = `${OURS}tabState`;
const HEADERS = `${OURS}headers`;

/** These hold what was typed into the headers editor, in whole JSON documents. */
const WITH_HEADERS = [TABS, `${OURS}queries`, `${OURS}favorites`];

export const storage = {
  getItem: (key: string): string | null => (key === THEME ? keptTheme() : localStorage.getItem(key)),
  setItem(key: string, value: string): void {
    if (key === THEME) keepTheme(value === "dark" ? "dark" : "light");
    else if (key !== HEADERS) localStorage.setItem(key, WITH_HEADERS.includes(key) ? withoutHeaders(value) : value);
  },
  removeItem(key: string): void {
    if (key === THEME) forgetTheme();
    else localStorage.removeItem(key);
  },
  clear(): void {
    for (const key of kept()) localStorage.removeItem(key);
  },
  get length(): number {
    return kept().length;
  },
};

function kept(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(OURS));
}

/** A key may stand in them, and what is kept here outlives the tab. */
function withoutHeaders(json: string): string {
  return JSON.stringify(JSON.parse(json), (name, value) => (name === "headers" ? null : value));
}
