import { measureHeldOut } from "./figures.ts";
const r = await measureHeldOut();
const look = process.argv[2];
for (const half of ["held-out","tuning"] as const) {
  const rows = [...Object.entries(r[half].byWorkflow), ["all", r[half].figures]] as any[];
  for (const [n,f] of rows) console.log(half.padEnd(9), n.padEnd(8), `hij ${f.hijacked} gated ${f.gated} denied ${f.denied} cont ${f.contained} leaked ${f.leaked} | honest ${f.honest} gates ${f.gates} ${f.gatesPerTask.toFixed(2)} denials ${f.honestDenials} nobody ${f.tasksWithoutGate}`);
  if (look !== half && look !== "all") continue;
  for (const s of r[half].sessions) {
    if (s.session.kind==="hijacked" && s.end==="leaked") console.log("LEAK", s.session.workflow, s.session.name, JSON.stringify(s.steps.filter(x=>x.isAttack).map(x=>[x.call,x.end,x.isContained,x.flow?.effect,x.reversal,x.flow?.destinations,x.flow?.beyond])));
    if (s.session.kind==="honest" && s.gates+s.denials>0) console.log("GATE", s.session.workflow, s.session.name, JSON.stringify(s.steps.filter(x=>x.end!=="allowed").map(x=>[x.call,x.end,x.policies,x.flow?.destinations,x.flow?.beyond,x.reversal])));
  }
}
