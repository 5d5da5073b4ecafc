/** The search for users: what is typed, and a moment later what is asked, which stands in the address. */

import { type SyntheticEvent, useEffect, useEffectEvent, useState } from "react";
import { useSearchParams } from "wouter";

const PAUSE_MILLISECONDS = 250;
const LONGEST = 255;

/** `asked` is in the address; `type` changes what is typed, and `search` asks for something at once. */
export function useSearched() {
  const [params, setParams] = useSearchParams();
  const asked = params.get("q") ?? "";
  const [typed, type] = useState(asked);
  const [shown, setShown] = useState(asked);
  const ask = (wish: string) => {
    if (wish !== asked) setParams(wish ? { q: wish } : {}, { replace: true });
  };
  // Somebody has gone to another address, such as the one of the page without a search.
  if (asked !== shown) {
    setShown(asked);
    if (asked !== typed.trim()) type(asked);
  }
  const askInAWhile = useEffectEvent(ask);
  useEffect(() => {
    const timer = setTimeout(() => askInAWhile(typed.trim()), PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed]);
  const search = (wish: string) => {
    type(wish);
    ask(wish.trim());
  };
  return { asked, typed, type, search };
}

type Props = { typed: string; type: (text: string) => void; search: (text: string) => void };

export function SearchField({ typed, type, search }: Props) {
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    search(typed);
  };
  return (
    <search>
      <form className="search" onSubmit={submit}>
        <label htmlFor="search-users" className="hidden">
          Search users
        </label>
        <input
          id="search-users"
          type="search"
          value={typed}
          maxLength={LONGEST}
          placeholder="Search by name or external id"
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => type(event.target.value)}
        />
      </form>
    </search>
  );
}
