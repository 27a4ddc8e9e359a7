import { useKeyboard } from "../keys.tsx";
import { Dialog } from "../parts/dialog.tsx";

/** Every key that works on this page, and the switch that turns them off. */
export function KeysDialog({ isOpen, close }: { readonly isOpen: boolean; readonly close: () => void }) {
  const board = useKeyboard();
  return (
    <Dialog isOpen={isOpen} close={close} title="Keys">
      <table className="keys">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">What it does</th>
          </tr>
        </thead>
        <tbody>
          {board.all().map(({ press, does }) => (
            <tr key={press}>
              <td>
                <kbd>{press}</kbd>
              </td>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label className="check">
        <input type="checkbox" checked={board.isOn} onChange={(event) => board.turn(event.target.checked)} /> single
        keys work as shortcuts
      </label>
      <button type="button" onClick={close}>
        Close
      </button>
    </Dialog>
  );
}
