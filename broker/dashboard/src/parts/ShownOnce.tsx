import type { ReactNode } from 'react';
import { Dialog } from './Dialog';

interface ShownOnceProps {
  title: string;
  secret: string;
  children: ReactNode;
  onClose: () => void;
}

/** A secret that was just made: it is shown until the dialog is closed, and never again. */
export function ShownOnce({ title, secret, children, onClose }: ShownOnceProps): ReactNode {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="form">
        <p>{children}</p>
        <pre className="command">{secret}</pre>
        <div className="buttons">
          <button type="button" className="primary" onClick={onClose}>
            Done
          </button>
        </div>
      </div>
    </Dialog>
  );
}
