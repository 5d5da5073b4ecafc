/** A dialog over the page: it has the focus while it is open, its first field before its buttons, and Escape closes it. */

import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

type Props = { title: string; close: () => void; className?: string; children: ReactNode };

export function Dialog({ title, close, className = "", children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Closed while it is still in the page, it gives the focus back.
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    opened?.querySelector<HTMLElement>("input, textarea, select")?.focus();
    return () => opened?.close();
  }, []);
  return (
    <dialog ref={dialog} className={className} aria-labelledby={heading} onCancel={close}>
      <div className="row apart title">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="quiet" onClick={close} aria-label="Close">
          ✕
        </button>
      </div>
      {children}
    </dialog>
  );
}
