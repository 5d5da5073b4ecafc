/** Light or dark: as the machine says, until somebody says otherwise. */

const KEPT = "contextql.theme";

export type Theme = "light" | "dark";

export function currentTheme(): Theme {
  return keptTheme() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** What somebody has said; null while the machine decides. */
export function keptTheme(): Theme | null {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : null;
}

export function keepTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme);
  applyTheme();
}

/** Let the machine decide again. */
export function forgetTheme(): void {
  localStorage.removeItem(KEPT);
  applyTheme();
}

/** Colours are chosen by `color-scheme`, see base.css. Plots, which are drawn, hear of it by the event `themechange`. */
export function applyTheme(): void {
  document.documentElement.style.colorScheme = currentTheme();
  document.dispatchEvent(new Event("themechange"));
}
