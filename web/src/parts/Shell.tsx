/** What stands around every page: where one is, where one can go, and who one is. */

import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import icon from "../icon.svg";
import { givenKey } from "../session/key.ts";
import { currentTheme, keepTheme } from "../session/theme.ts";
import type { Viewer } from "../session/viewer.ts";
import { Boundary } from "./Boundary.tsx";

type Props = { viewer: Viewer; signOut: () => void; children: ReactNode };

export function Shell({ viewer, signOut, children }: Props) {
  const [path] = useLocation();
  const page = useFocusOn(path);
  return (
    <>
      <a className="skip" href="#page">
        To the page
      </a>
      <header className="shell">
        <Link href="/" className="brand">
          <img src={icon} alt="" width="24" height="24" /> ContextQL
        </Link>
        <nav aria-label="Pages">
          {viewer.role === "SERVICE" ? (
            <>
              <Place to="/users">Users</Place>
              <Place to="/overview">Overview</Place>
            </>
          ) : (
            viewer.user && <Place to={`/users/${viewer.user.id}`}>{viewer.user.name ?? "You"}</Place>
          )}
          <a href="/graphql">GraphiQL</a>
        </nav>
        <ThemeSwitch />
        {!givenKey() && (
          <button type="button" className="quiet" onClick={signOut}>
            Sign out
          </button>
        )}
      </header>
      <main id="page" tabIndex={-1} ref={page}>
        <Boundary key={path}>{children}</Boundary>
      </main>
    </>
  );
}

/** Another page begins at its top, and who reads it by ear or by keyboard is there too. */
function useFocusOn(path: string) {
  const page = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    scrollTo(0, 0);
    page.current?.focus({ preventScroll: true });
  }, [path]);
  return page;
}

function Place({ to, children }: { to: string; children: ReactNode }) {
  const [at] = useLocation();
  const here = at === to || at.startsWith(`${to}/`);
  return (
    <Link href={to} {...(here && { "aria-current": "page" as const })}>
      {children}
    </Link>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === "dark" ? "light" : "dark";
  const change = () => {
    keepTheme(other);
    setTheme(other);
  };
  return (
    <button type="button" className="quiet" onClick={change} aria-label={`Show in ${other} colours`} title={other}>
      <span aria-hidden="true">{theme === "dark" ? "☀" : "☾"}</span>
    </button>
  );
}
