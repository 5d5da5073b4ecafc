/** What stands where there is no user to show. */

export function Nobody({ add }: { add: () => void }) {
  return (
    <div className="empty">
      <p>Nobody is known yet.</p>
      <p>
        <code>make seed</code> stores a few users to look at. Or{" "}
        <button type="button" className="link" onClick={add}>
          add one yourself
        </button>
        .
      </p>
    </div>
  );
}

export function NobodyFound({ matching, showAll }: { matching: string; showAll: () => void }) {
  return (
    <div className="empty">
      <p>Nobody matches “{matching}”.</p>
      <p>Each word must begin a word of the name or of the external id.</p>
      <button type="button" className="plain" onClick={showAll}>
        Show all
      </button>
    </div>
  );
}
