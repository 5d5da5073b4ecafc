/** GraphiQL before there is a credential: the form of the console. */

import { SignIn } from "../pages/SignIn.tsx";
import { keepKey } from "../session/key.ts";
import type { SignInProblem } from "../session/viewer.ts";
import "../styles/base.css";
import "../styles/parts.css";

export default function SignedOut({ problem }: { problem: SignInProblem }) {
  const signIn = (key: string) => {
    keepKey(key);
    // Anew, since the styles of the console are none of GraphiQL's.
    location.reload();
  };
  return <SignIn problem={problem} signIn={signIn} />;
}
