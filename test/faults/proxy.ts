import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** When the answer to a write is cut: before the server has it, after it has committed, or the write itself comes late. */
export type CutAt = "before" | "after" | "late";

/** A way to PostgreSQL that can be cut: all at once, or around the one write that matters. */
export interface FaultProxy {
  readonly port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  heal(): void;
  /** Arms one cut around the next write of the ledger. */
  arm(when: CutAt): void;
  /** True once the armed cut was made. */
  fired(): boolean;
  close(): Promise<void>;
}

/** Names of the ledger's prepared statements begin so. */
const writes = ["ledger-", "commit\0"];
/** ReadyForQuery: whatever the server was asked, it has done. */
const ready = Buffer.from([0x5a, 0, 0, 0, 5]);
const lateMs = 300;

export async function openProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let armed: CutAt | undefined;
  let fired = false;
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(targetPort, "127.0.0.1");
    let swallow = false;
    let isLate = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        if (!isLate) for (const other of [client, upstream]) other.destroy();
      });
    }
    const breakBoth = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on("data", (bytes: Buffer) => {
      if (armed === undefined || !writes.some((word) => bytes.includes(word))) {
        upstream.write(bytes);
        return;
      }
      const when = armed;
      armed = undefined;
      fired = true;
      if (when === "before") breakBoth();
      else if (when === "after") {
        swallow = true;
        upstream.write(bytes);
      } else {
        isLate = true;
        client.destroy();
        setTimeout(() => upstream.write(bytes, () => setTimeout(() => upstream.destroy(), lateMs)), lateMs);
      }
    });
    upstream.on("data", (bytes: Buffer) => {
      if (!swallow) client.write(bytes);
      else if (bytes.includes(ready)) breakBoth();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    heal() {
      isCut = false;
    },
    arm(when) {
      armed = when;
      fired = false;
    },
    fired: () => fired,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
