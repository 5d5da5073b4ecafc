/** What is shown where a page cannot go on: a fault of ours, or a part of it that a newer server no longer has. */

import { Component, type ReactNode } from "react";

type Props = { children: ReactNode };

export class Boundary extends Component<Props, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="problem" role="alert">
        <p>This page cannot go on: {error.message}</p>
        <p>Nothing that was saved is lost. If the server has been updated, loading the page again helps.</p>
        <button type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </div>
    );
  }
}
