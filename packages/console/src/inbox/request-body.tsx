import { A } from "../address.tsx";
import { Ago, span } from "../parts/ago.tsx";
import { Raw, Said } from "../parts/machine.tsx";
import { State } from "../parts/state.tsx";
import { Told } from "../parts/told.tsx";
import { sentence } from "../parts/trouble.tsx";
import { EffectPart } from "./effect-part.tsx";
import { EndOf } from "./looked.tsx";
import type { Request } from "./shape.ts";
import { WhyPart } from "./why-part.tsx";

/** From the plain sentence to the raw call, and the agent's own words last. */
export function RequestBody({ of }: { readonly of: Request }) {
  return (
    <>
      <h2 className="sentence" tabIndex={-1}>
        {of.undoes === undefined ? (
          <Call of={of} wants="wants to" />
        ) : (
          <>
            {of.undoes.by ?? of.agent} asks to undo <A to={`/actions/${of.undoes.action}`}>{of.undoes.action}</A>
          </>
        )}
      </h2>
      {of.undoes === undefined ? null : (
        <section aria-label="The undo">
          {of.undoes.reason === undefined ? null : (
            <p>
              {of.undoes.by} says why: <Said text={of.undoes.reason} />
            </p>
          )}
          <p>
            <Call of={of} wants="would" />.
          </p>
        </section>
      )}
      <p className="quiet">
        Workflow {of.workflow}
        {of.onBehalfOf === undefined ? "" : `, asked for by ${of.onBehalfOf}`} · asked <Ago at={of.openedAt} />
        {of.expiresAt === undefined ? null : (
          <>
            {" "}
            · denied by itself <Ago at={of.expiresAt} />
          </>
        )}
      </p>
      {of.voided === undefined ? null : (
        <p className="trouble">
          <strong>
            <Told text={sentence(of.voided)} />
          </strong>
        </p>
      )}
      {of.frozenBy === undefined ? null : (
        <p className="trouble">
          <strong>Frozen by a stop:</strong> it cannot be answered until <A to={`/stops/${of.frozenBy}`}>the stop</A> is
          lifted.
        </p>
      )}
      {of.editOf === undefined ? null : (
        <p>
          {of.editOf.by} edited <A to={`/actions/${of.editOf.action}`}>what the agent asked for</A>:{" "}
          <Said text={of.editOf.reason} />
        </p>
      )}
      <section aria-label="The effect">
        <h3>What it does</h3>
        <EffectPart of={of} />
      </section>
      <Undo of={of} />
      <section aria-label="Why you are asked">
        <h3>Why you are asked</h3>
        <WhyPart of={of} />
        <EndOf part="why" />
      </section>
      {of.flow === undefined && of.risk === undefined ? null : (
        <section aria-label="Risk">
          <h3>What to look at {of.risk === undefined ? null : <State of={of.risk.level} />}</h3>
          {of.risk === undefined || of.risk.words.length === 0 ? null : (
            <dl className="facts">
              {of.risk.words.map(({ word, reason }) => (
                <div key={word} className="fact">
                  <dt>{word}</dt>
                  <dd>
                    <Told text={reason} />
                  </dd>
                </div>
              ))}
            </dl>
          )}
          {of.flow === undefined ? null : (
            <p>
              <Told text={sentence(of.flow.sentence)} />
            </p>
          )}
        </section>
      )}
      {/* Where no difference is known, or not all of it, the call is what there is to look at. */}
      <details open={of.effect?.known !== true || of.effect.beside.length > 0}>
        <summary>The exact call, to the last byte</summary>
        {of.args === undefined ? (
          <p>You may not see the arguments of this workflow's calls.</p>
        ) : (
          <Raw
            value={of.args}
            label="Arguments of the call"
            end={of.beyond === undefined ? <EndOf part="call" /> : undefined}
          />
        )}
        {of.beyond === undefined ? null : (
          <Raw value={of.beyond} label="What travels with the arguments" end={<EndOf part="call" />} />
        )}
        <p>
          <small>
            call <code>{of.callDigest}</code> · run <A to={`/runs/${of.run}`}>{of.run}</A>
          </small>
        </p>
      </details>
      {of.claim === undefined && (of.questions ?? []).length === 0 ? null : (
        <details>
          <summary>The agent's own words: a claim, not a fact</summary>
          {of.claim === undefined ? null : (
            <p className="claim">
              <Said text={of.claim} />
            </p>
          )}
        </details>
      )}
      {(of.questions ?? []).map((one) => (
        <section key={one.number} aria-label={`Question ${one.number}`}>
          <p>
            {one.by} asked <Ago at={one.at} />: <Said text={one.question} />
          </p>
          {one.reply === undefined ? (
            <p className="quiet">The agent has not replied yet.</p>
          ) : (
            <p className="claim">
              It replied, a claim: <Said text={one.reply} />
            </p>
          )}
        </section>
      ))}
    </>
  );
}

function Call({ of, wants }: { readonly of: Request; readonly wants: string }) {
  return (
    <>
      {of.agent} {wants} {of.verb}{" "}
      <code>
        {of.server}.{of.tool}
      </code>{" "}
      on <Said text={of.target} /> in {of.environment}
    </>
  );
}

function Undo({ of: { undo } }: { readonly of: Request }) {
  return (
    <section aria-label="How it is undone" className={undo.kind === "irreversible" ? "irreversible" : ""}>
      <h3>{undo.kind === "irreversible" ? "It cannot be undone" : "How it is undone"}</h3>
      <p>
        <Told text={undo.sentence} />
      </p>
      {undo.kind !== "inverse" ? null : (
        <p className="quiet">
          {undo.lastWorked === null ? (
            "No call of this tool has been undone yet."
          ) : (
            <>
              An undo of this tool last worked <Ago at={undo.lastWorked} />.
            </>
          )}
          {undo.until === null
            ? null
            : ` It can be undone for ${span(Math.max(1_000, Date.parse(undo.until) - Date.now()))} more.`}
        </p>
      )}
    </section>
  );
}
