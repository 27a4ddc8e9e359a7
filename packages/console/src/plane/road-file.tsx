import type { WorkflowRules } from "@countersign/client";
import { useState } from "react";
import { Ago } from "../parts/ago.tsx";
import { Raw, Short } from "../parts/machine.tsx";
import { Facts } from "../parts/told.tsx";
import { FileDifference } from "./file-difference.tsx";

/** The file in force behind the two paragraphs, how to find it in a repository, and whether another copy differs. */
export function RoadFile({ road }: { readonly road: WorkflowRules }) {
  const [other, setOther] = useState<{ readonly name: string; readonly text: string } | undefined>(undefined);
  const { file, text, digest, blob, inForce } = road;
  const signed = inForce.signedBy === null ? "nobody else" : inForce.signedBy;
  return (
    <details>
      <summary>
        made of <code>{file}</code>, revision {inForce.revision}, put in force <Ago at={inForce.at} />
      </summary>
      <Facts
        of={[
          ["File", <code key="file">{file}</code>],
          ["SHA-256", <Short key="digest" of={digest} length={16} />],
          ["In force", `revision ${inForce.revision}, asked for by ${inForce.by}, signed by ${signed}`],
          [
            "In Git",
            <span key="git">
              <code>git rev-parse HEAD:{file}</code> prints <code data-blob="">{blob}</code> where your commit holds
              exactly this file
            </span>,
          ],
        ]}
      />
      <Raw value={text} label={`The text of ${file}`} />
      <label>
        Compare with a copy: choose the file, nothing is sent
        <input
          type="file"
          accept=".yaml,.yml,text/yaml"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen === undefined) setOther(undefined);
            else void chosen.text().then((copy) => setOther({ name: chosen.name, text: copy }));
          }}
        />
      </label>
      {other === undefined ? null : other.text === text ? (
        <p role="status" className="allowed">
          ● {other.name} is the file in force, byte for byte.
        </p>
      ) : (
        <>
          <p role="status" className="held">
            ≠ {other.name} has drifted from what is in force. With it applied, this would change:
          </p>
          <FileDifference before={text} after={other.text} label={`How ${other.name} differs`} />
        </>
      )}
    </details>
  );
}
