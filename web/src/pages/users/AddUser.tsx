/** A dialog that adds a user, and goes to their page. */

import { type SyntheticEvent, useState } from "react";
import { useClient, useMutation } from "urql";
import { Link, useLocation } from "wouter";
import { AddUserDocument, KnownDocument, type KnownQuery } from "../../graph/operations.ts";
import { Dialog } from "../../parts/Dialog.tsx";
import { Problem } from "../../parts/Problem.tsx";

type Known = NonNullable<KnownQuery["user"]>;

export function AddUser({ close }: { close: () => void }) {
  const { known, error, isBusy, add } = useAdding();
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    add(String(form.get("externalId")), String(form.get("name")).trim());
  };
  return (
    <Dialog title="Add a user" close={close}>
      <form className="fields" onSubmit={submit}>
        <div>
          <label htmlFor="external-id">External id</label>
          <input
            id="external-id"
            name="externalId"
            required
            maxLength={255}
            autoComplete="off"
            spellCheck={false}
            aria-describedby="about-external-id"
          />
          <p id="about-external-id" className="faint">
            What your application calls the user. It never changes.
          </p>
        </div>
        <div>
          <label htmlFor="name">
            Name <span className="faint">(optional)</span>
          </label>
          <input id="name" name="name" maxLength={200} autoComplete="off" />
        </div>
        <Problem error={error} />
        {known && (
          <p className="problem" role="alert">
            There is a user with this external id already:{" "}
            <Link href={`/users/${known.id}`}>{known.name ?? "go there"}</Link>.
          </p>
        )}
        <div className="row">
          <button type="submit" disabled={isBusy}>
            Add
          </button>
          <button type="button" className="plain" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** To add somebody who is there would change their name: `known` says who it is instead. */
function useAdding() {
  const client = useClient();
  const [, goTo] = useLocation();
  const [looked, setLooked] = useState<{ known?: Known; error?: Error }>({});
  const [{ error, fetching }, upsert] = useMutation(AddUserDocument);

  async function add(externalId: string, name: string) {
    const found = await client.query(KnownDocument, { externalId }, { requestPolicy: "network-only" });
    const known = found.data?.user;
    setLooked({ ...(known && { known }), ...(found.error && { error: found.error }) });
    if (known || found.error) return;
    const { data } = await upsert({ input: { externalId, ...(name && { name }) } });
    if (data) goTo(`/users/${data.upsertUser.user.id}`);
  }

  return { known: looked.known, error: looked.error ?? error, isBusy: fetching, add };
}
