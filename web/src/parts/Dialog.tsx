/** A dialog over the page: it has the focus while it is open, and Escape closes it. */

import { type ReactNode, useEffect, useId, useRef } from "react";

type Props = { title: string; close: () => void; className?: string; children: ReactNode };

export function Dialog({ title, close, className = "", children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  return (
    <dialog ref={dialog} className={className} aria-labelledby={heading} onCancel={close}>
      <div className="row apart">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="quiet" onClick={close} aria-label="Close">
          ✕
        </button>
      </div>
      {children}
    </dialog>
  );
}
