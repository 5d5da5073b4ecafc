/** What a context was: each version, what makes it another than the present one, and the way back to it. */

import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useClient, useMutation, useQuery } from "urql";
import { Link, useLocation } from "wouter";
import { type PastFragment, RestoreContextDocument, VersionsDocument } from "../../graph/operations.ts";
import { Diff } from "../../parts/Diff.tsx";
import { pretty } from "../../parts/JsonField.tsx";
import { Problem } from "../../parts/Problem.tsx";
import { Time } from "../../parts/Time.tsx";
import type { Known } from "./Context.tsx";

type Older = { versions: PastFragment[]; after: string | null };

export function Versions({ known, chosen }: { known: Known; chosen: number | undefined }) {
  const client = useClient();
  const [{ data, error }, ask] = useQuery({ query: VersionsDocument, variables: { id: known.id } });
  const [older, setOlder] = useState<Older>();
  const newest = data?.context?.versions;
  const first = newest?.edges.map(({ node }) => node) ?? [];
  // While the newest are read anew, some of them may be in both.
  const versions = [
    ...first,
    ...(older?.versions ?? []).filter(({ version }) => version < (first.at(-1)?.version ?? 0)),
  ];
  const after = older ? older.after : newest?.pageInfo.hasNextPage ? newest.pageInfo.endCursor : null;

  const isOld = (first[0]?.version ?? known.version) < known.version;
  useEffect(() => {
    if (isOld) ask({ requestPolicy: "network-only" });
  }, [isOld, ask]);

  async function more() {
    const found = await client.query(VersionsDocument, { id: known.id, after }).toPromise();
    const page = found.data?.context?.versions;
    if (!page) return;
    // All that are shown: what new ones push off the first page is not lost.
    const read = [...versions, ...page.edges.map(({ node }) => node)];
    setOlder({ versions: read, after: page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null });
  }

  // What a receipt leads to may lie further back than the first page.
  const further = chosen !== undefined && chosen < (versions.at(-1)?.version ?? 0) ? after : null;
  const goOn = useEffectEvent(more);
  useEffect(() => {
    if (further) goOn();
  }, [further]);

  const past = versions.find(({ version }) => version === chosen && version !== known.version);
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <Problem error={error} />
      <ol className="plain-list versions">
        {versions.map((version) => (
          <Version key={version.version} known={known} version={version} isChosen={version === past} />
        ))}
      </ol>
      {after && (
        <button type="button" className="plain" onClick={more}>
          Show more
        </button>
      )}
    </section>
  );
}

function Version({ known, version, isChosen }: { known: Known; version: PastFragment; isChosen: boolean }) {
  const [path] = useLocation();
  const isPresent = version.version === known.version;
  const address = isPresent || isChosen ? path : `${path}?version=${version.version}`;
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) place.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li ref={place}>
      <p className="row apart">
        <Link href={address} {...(isChosen && { "aria-current": "true" as const })}>
          Version {version.version}
          {isPresent && " (present)"}
        </Link>
        <span className="faint">
          {!version.isActive && <span className="tag bad">deleted</span>} <Time at={version.validFrom} />
        </span>
      </p>
      {isChosen && <Compared known={known} version={version} />}
    </li>
  );
}

function Compared({ known, version }: { known: Known; version: PastFragment }) {
  const [{ error, fetching }, restore] = useMutation(RestoreContextDocument);
  const input = { id: known.id, version: version.version, expectedVersion: known.version };
  return (
    <>
      <p className="faint">What has changed from it to the present one:</p>
      <Diff before={written(version)} after={written(known)} label={`From version ${version.version} to the present`} />
      <Problem error={error} />
      <button type="button" className="plain" disabled={fetching} onClick={() => restore({ input })}>
        Restore version {version.version}
      </button>
    </>
  );
}

function written({ content, metadata, expiresAt }: Pick<Known, "content" | "metadata" | "expiresAt">): string {
  return pretty({ content, metadata, expiresAt });
}
