const words: Readonly<Record<string, readonly [string, string]>> = {
  evals: [
    "Evals",
    "Suites, eval runs and promotions will stand here. None can be run yet: what is in force is the tier of each workflow file and its waivers.",
  ],
  outcomes: [
    "Outcomes",
    "Delivery, support and review figures will stand here. None is gathered yet; what agents did stands under Runs.",
  ],
};

/** The place of what is not built yet: said, not shown empty. */
export default function Later({ noun }: { readonly noun: "evals" | "outcomes" }) {
  const [title, text] = words[noun] ?? [noun, ""];
  return (
    <div className="empty">
      <h1>{title}</h1>
      <p>{text}</p>
    </div>
  );
}
