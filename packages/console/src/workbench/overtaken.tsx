import type { movedOn } from "./rule-base.ts";

/** The files in force are not those that the rule was begun over: what changed, and the way on. */
export function Overtaken({
  file,
  by,
  goOn,
}: {
  readonly file: string;
  readonly by: NonNullable<ReturnType<typeof movedOn>>;
  readonly goOn: () => void;
}) {
  const { changed, keeps, isInForce } = by;
  return (
    <div className="claim" role="status">
      {isInForce ? (
        <p className="allowed">{file} is in force as it is written here.</p>
      ) : (
        <p className="warn">
          Since this rule was begun, others changed what is in force: {changed.join(", ")}.{" "}
          {keeps ? "What is written here stays." : `${file} as it is written here would take that back.`} Nothing is
          asked of it before it stands over the files of now.
        </p>
      )}
      <button type="button" onClick={goOn}>
        {keeps ? "Go on from the files of now" : "Begin from the files of now, without what is written here"}
      </button>
    </div>
  );
}
