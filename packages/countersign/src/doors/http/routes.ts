import type { Route } from "./route.ts";
import { actionRoutes } from "./routes/actions.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { authzenRoutes } from "./routes/authzen.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { consoleRoutes } from "./routes/console.ts";
import { credentialRoutes } from "./routes/credentials.ts";
import { erasureRoutes } from "./routes/erasures.ts";
import { glassRoutes } from "./routes/glass.ts";
import { grantRoutes } from "./routes/grants.ts";
import { inventoryRoutes } from "./routes/inventory.ts";
import { ledgerRoutes } from "./routes/ledger.ts";
import { loginRoutes } from "./routes/logins.ts";
import { noticeRoutes } from "./routes/notices.ts";
import { pageRoutes } from "./routes/pages.ts";
import { passkeyPageRoutes } from "./routes/passkey-pages.ts";
import { passkeyRoutes } from "./routes/passkeys.ts";
import { peopleRoutes } from "./routes/people.ts";
import { planeRoutes } from "./routes/plane.ts";
import { policyRoutes } from "./routes/policies.ts";
import { proofRoutes } from "./routes/proofs.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { runRoutes } from "./routes/runs.ts";
import { stopRoutes } from "./routes/stops.ts";
import { systemRoutes } from "./routes/system.ts";
import { workspaceRoutes } from "./routes/workspace.ts";

/** Every route there is: registered, permitted and described from this one table. */
export const routes: readonly Route[] = [
  ...actionRoutes,
  ...runRoutes,
  ...approvalRoutes,
  ...glassRoutes,
  ...grantRoutes,
  ...authzenRoutes,
  ...stopRoutes,
  ...receiptRoutes,
  ...erasureRoutes,
  ...ledgerRoutes,
  ...peopleRoutes,
  ...planeRoutes,
  ...policyRoutes,
  ...ruleRoutes,
  ...inventoryRoutes,
  ...workspaceRoutes,
  ...proofRoutes,
  ...credentialRoutes,
  ...connectionRoutes,
  ...noticeRoutes,
  ...passkeyRoutes,
  ...passkeyPageRoutes,
  ...loginRoutes,
  ...pageRoutes,
  ...consoleRoutes,
  ...systemRoutes,
];
