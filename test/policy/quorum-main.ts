// Explores every small world of approvals once; ends with 1 where a decision is not what the sentence says.
import { exploreQuorums } from "./quorum-model.ts";

const { worlds, allowed, violations } = await exploreQuorums(1);
for (const violation of violations) console.log(violation.slice(0, 1_000));
console.log(`${worlds} worlds, ${allowed} allowed, ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;
