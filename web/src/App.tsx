/** The pages, and who may see them. */

import type { CombinedError } from "@urql/core";
import { lazy, Suspense, useState } from "react";
import { Provider } from "urql";
import { Redirect, Route, Switch } from "wouter";
import { closeSocket, createUrql } from "./graph/client.ts";
import { Context } from "./pages/context/Context.tsx";
import { Conversation } from "./pages/conversation/Conversation.tsx";
import { NotFound } from "./pages/NotFound.tsx";
import { SignIn } from "./pages/SignIn.tsx";
import { User } from "./pages/user/User.tsx";
import { Users } from "./pages/users/Users.tsx";
import { Problem } from "./parts/Problem.tsx";
import { Shell } from "./parts/Shell.tsx";
import { forgetKey, keepKey } from "./session/key.ts";
import { useViewer, type Viewer, ViewerContext } from "./session/viewer.ts";

/** With what draws its plots, which no other page needs. */
const Overview = lazy(async () => ({ default: (await import("./pages/overview/Overview.tsx")).Overview }));

/** Each credential has a client and pages of its own: what was loaded with the one before is forgotten. */
function newSession(number = 0) {
  return { number, client: createUrql() };
}

export function App() {
  const [session, setSession] = useState(() => newSession());
  const begin = () => {
    closeSocket();
    setSession(({ number }) => newSession(number + 1));
  };
  const signIn = (key: string) => {
    keepKey(key);
    begin();
  };
  const signOut = () => {
    forgetKey();
    begin();
  };
  return (
    <Provider value={session.client}>
      <Signed key={session.number} signIn={signIn} signOut={signOut} />
    </Provider>
  );
}

function Signed({ signIn, signOut }: { signIn: (key: string) => void; signOut: () => void }) {
  const { viewer, refused, away } = useViewer();
  if (refused) return <SignIn problem={refused} signIn={signIn} />;
  if (away) return <Away error={away} />;
  if (!viewer) return null;
  return (
    <ViewerContext value={viewer}>
      <Shell viewer={viewer} signOut={signOut}>
        <Pages home={homeOf(viewer)} />
      </Shell>
    </ViewerContext>
  );
}

function Away({ error }: { error: CombinedError }) {
  return (
    <main className="sign-in">
      <Problem error={error} />
      <p className="faint">It is asked again every few seconds.</p>
    </main>
  );
}

/** Where one begins; nowhere, for a user of whom nothing is stored. */
function homeOf({ role, user }: Viewer): string | undefined {
  if (role === "SERVICE") return "/users";
  return user ? `/users/${user.id}` : undefined;
}

function Pages({ home }: { home: string | undefined }) {
  if (!home) return <h1>Nothing is stored about you yet</h1>;
  return (
    <Switch>
      <Route path="/">
        <Redirect to={home} replace />
      </Route>
      <Route path="/users">{home === "/users" ? <Users /> : <Redirect to={home} replace />}</Route>
      <Route path="/users/:id">{({ id }) => <User key={id} id={id} />}</Route>
      <Route path="/users/:userId/contexts/:id">
        {({ userId, id }) => <Context key={id} userId={userId} id={id} />}
      </Route>
      <Route path="/conversations/:id">{({ id }) => <Conversation key={id} id={id} />}</Route>
      <Route path="/overview">
        <Suspense>
          <Overview />
        </Suspense>
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}
