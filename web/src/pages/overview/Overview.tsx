/** How the server is: how much it is asked, how fast it answers, how it grows, and what the models cost. */

import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { ActivityDocument, StoreDocument } from "../../graph/operations.ts";
import { Problem } from "../../parts/Problem.tsx";
import { useWhileVisible } from "../../parts/refreshing.ts";
import { usePageTitle } from "../../parts/title.ts";
import "../../styles/overview.css";
import { ActivityPlots } from "./ActivityPlots.tsx";
import { ModelTable } from "./ModelTable.tsx";
import { LargestUsers, StoreNow } from "./StoreNow.tsx";

const MINUTE = 60_000;
/** While there is nothing to see yet one waits for it. */
const FIRST_LOOKS = 5_000;

const RANGES = { "1h": 60, "1d": 1440, "7d": 10_080, "30d": 43_200 } as const;
type Range = keyof typeof RANGES;
const NAMES: Record<Range, string> = { "1h": "1 hour", "1d": "1 day", "7d": "7 days", "30d": "30 days" };

export function Overview() {
  usePageTitle("Overview");
  const [range, setRange] = useRange();
  const [{ data, error, fetching }, lookAgain] = useQuery({
    query: ActivityDocument,
    variables: { minutes: RANGES[range] },
  });
  const [store, lookAtStore] = useQuery({ query: StoreDocument });
  const activity = data?.stats.activity;
  const again = { requestPolicy: "network-only" } as const;
  useWhileVisible(() => lookAgain(again), activity?.since ? MINUTE : FIRST_LOOKS);
  useWhileVisible(() => lookAtStore(again), MINUTE);
  return (
    <>
      <div className="row apart">
        <h1>Overview</h1>
        <Ranges range={range} setRange={setRange} />
      </div>
      <Problem error={error ?? store.error} />
      {store.data && <StoreNow stats={store.data.stats} />}
      {activity && !activity.since && (
        <p className="empty" role="status">
          The first minute is being counted. The plots begin as soon as it is over.
        </p>
      )}
      {activity?.since && (
        <div aria-busy={fetching}>
          <ActivityPlots points={activity.points} minutes={RANGES[range]} />
          <ModelTable models={activity.models} range={NAMES[range].replace("1 ", "")} />
        </div>
      )}
      {store.data && <LargestUsers users={store.data.stats.largestUsers} />}
    </>
  );
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
      {(Object.keys(RANGES) as Range[]).map((one) => (
        <label key={one}>
          <input type="radio" name="range" checked={one === range} onChange={() => setRange(one)} />
          <span>{NAMES[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}
