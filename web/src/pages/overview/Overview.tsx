/** How the server is: how much it is asked, how fast it answers, how it grows, and what the models cost. */

import type { CombinedError } from "@urql/core";
import { useMemo } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { ActivityDocument, type ActivityQuery, StoreDocument } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import { useKept, useWhileVisible } from "../../parts/refreshing.ts";
import { usePageTitle } from "../../parts/title.ts";
import "../../styles/overview.css";
import { ActivityPlots } from "./ActivityPlots.tsx";
import { ModelTable } from "./ModelTable.tsx";
import { LargestUsers, StoreNow } from "./StoreNow.tsx";

const MINUTE = 60_000;
/** While there is nothing to see, or nobody who answers, one waits for it. */
const FIRST_LOOKS = 5_000;

const AGAIN = { requestPolicy: "network-only" } as const;

const RANGES = { "1h": 60, "1d": 1440, "7d": 10_080, "30d": 43_200 } as const;
type Range = keyof typeof RANGES;
const ALL = Object.keys(RANGES) as Range[];
const NAMES: Record<Range, string> = { "1h": "1 hour", "1d": "1 day", "7d": "7 days", "30d": "30 days" };

export function Overview() {
  usePageTitle("Overview");
  const [range, setRange] = useRange();
  const { shown, error: lost } = useActivity(range);
  const [{ data: now, error }, lookAtStore] = useQuery({ query: StoreDocument });
  const store = useKept(now?.stats);
  useWhileVisible(() => lookAtStore(AGAIN), MINUTE);
  return (
    <>
      <div className="row apart">
        <h1>Overview</h1>
        <Ranges range={range} setRange={setRange} />
      </div>
      <Problem error={lost ?? error} />
      {store && <StoreNow stats={store} />}
      {shown && !shown.activity.since && (
        <p className="empty" role="status">
          The first minute is being counted. The plots begin as soon as it is over.
        </p>
      )}
      {shown?.activity.since && (
        <div aria-busy={shown.range !== range}>
          <ActivityPlots points={shown.activity.points} />
          <ModelTable models={shown.activity.models} range={NAMES[shown.range].replace("1 ", "")} />
        </div>
      )}
      {store && <LargestUsers users={store.largestUsers} />}
    </>
  );
}

type Shown = { range: Range; activity: ActivityQuery["stats"]["activity"] };

/** What was seen last, of the range that it is of: it stays until there is something newer, if the server is away too. */
function useActivity(range: Range): { shown: Shown | undefined; error: CombinedError | undefined } {
  const [{ data, error, operation }, lookAgain] = useQuery({
    query: ActivityDocument,
    variables: { minutes: RANGES[range] },
  });
  const minutes = operation?.variables.minutes;
  const shown = useMemo(() => {
    const of = ALL.find((one) => RANGES[one] === minutes);
    return data && of && { range: of, activity: data.stats.activity };
  }, [data, minutes]);
  const kept = useKept(shown);
  const isWaiting = error?.networkError || !kept?.activity.since;
  useWhileVisible(() => lookAgain(AGAIN), isWaiting ? FIRST_LOOKS : MINUTE);
  return { shown: kept, error };
}

/** The range is in the address, so that it is still there after a reload. */
function useRange(): [Range, (range: Range) => void] {
  const [params, setParams] = useSearchParams();
  const asked = params.get("range");
  const range = asked && Object.hasOwn(RANGES, asked) ? (asked as Range) : "1h";
  return [range, (one) => setParams({ range: one }, { replace: true })];
}

function Ranges({ range, setRange }: { range: Range; setRange: (range: Range) => void }) {
  return (
    <fieldset className="ranges">
      <legend className="hidden">The last</legend>
      {ALL.map((one) => (
        <label key={one}>
          <input type="radio" name="range" checked={one === range} onChange={() => setRange(one)} />
          <span>{NAMES[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}
