/** Where one pastes a key or a token. It is kept for this tab alone. */

import type { SyntheticEvent } from "react";
import icon from "../icon.svg";
import { Problem } from "../parts/Problem.tsx";
import { usePageTitle } from "../parts/title.ts";
import type { SignInProblem } from "../session/viewer.ts";

type Props = { problem: SignInProblem; signIn: (key: string) => void };

export function SignIn({ problem, signIn }: Props) {
  usePageTitle("Sign in");
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = new FormData(event.currentTarget).get("key");
    if (typeof key === "string" && key.trim()) signIn(key.trim().replace(/^Bearer\s+/i, ""));
  };
  return (
    <main className="sign-in">
      <h1>
        <img src={icon} alt="" width="32" height="32" /> ContextQL
      </h1>
      <form onSubmit={submit}>
        <label htmlFor="key">API key or token</label>
        <input id="key" name="key" type="password" autoComplete="off" spellCheck="false" required />
        <p className="faint">
          It is kept in this tab until you close it. A new key is made by <code>contextql keys create --help</code>.
        </p>
        {problem !== "none" && <Problem error={problem} />}
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
