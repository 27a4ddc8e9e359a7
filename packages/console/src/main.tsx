import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { within } from "./parts/kept.ts";
import { takeNext } from "./shell/next.ts";

const next = within((store) => takeNext(store, new URL(location.href)));
if (next !== undefined) history.replaceState(null, "", next);
const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
