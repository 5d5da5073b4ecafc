/** Light or dark: as the machine says, until somebody says otherwise. */

const KEPT = "contextql.theme";

export type Theme = "light" | "dark";

export function currentTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function keepTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme);
  applyTheme();
}

/** Colours are chosen by `color-scheme`, see base.css. Plots, which are drawn, hear of it by the event `themechange`. */
export function applyTheme(): void {
  document.documentElement.style.colorScheme = currentTheme();
  document.dispatchEvent(new Event("themechange"));
}
