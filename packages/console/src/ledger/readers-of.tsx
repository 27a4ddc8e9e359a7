import { useState } from "react";
import { Readers } from "../runs/readers.tsx";

/** Who has read a receipt, by its id. */
export function ReadersOf() {
  const [id, setId] = useState<string>();
  return (
    <>
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault();
          setId(String(new FormData(event.currentTarget).get("id") ?? "").trim());
        }}
      >
        <label className="grow">
          Id of the receipt
          <input
            name="id"
            required
            pattern="\s*(act|gov|dec|stp)_[0-9a-z]{26}\s*"
            title="an id such as act_… with 26 characters"
            placeholder="act_…"
          />
        </label>
        <button type="submit">Who has read it</button>
      </form>
      {id === undefined ? null : <Readers key={id} id={id} />}
    </>
  );
}
