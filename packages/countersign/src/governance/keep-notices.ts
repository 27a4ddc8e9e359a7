import type { Secret } from "../floor/secret.ts";
import {
  dropOldNotices,
  lookAtAll,
  type Outbox,
  openOutbox,
  type Patience,
  patience,
  post,
  type SlackChannel,
  stopHeads,
} from "../notify/index.ts";
import { answerInChat, type ChatAnswer, type Interaction } from "./answer-in-chat.ts";
import { chatCall } from "./chat-call.ts";
import type { ConnectionSources } from "./connection-sources.ts";
import type { Control } from "./control.ts";
import { escalateOpen } from "./escalate-open.ts";
import { isHeld } from "./notice-sql.ts";
import { channelsOf, tellNews, tellsAnything } from "./tell-news.ts";

export interface NoticeSources {
  readonly store: Pick<ConnectionSources["store"], "lease">;
  readonly publicUrl: () => string;
  readonly folder: string;
  /** Signs what buttons in chat say; one for all replicas. */
  readonly key: Secret;
  readonly instead?: NoticeInstead;
}

/** Tests put their own times in here; the product passes none. */
export interface NoticeInstead {
  readonly patience?: Patience;
  readonly leaseMs?: number;
  readonly everyMs?: number;
  readonly afterSend?: (id: string) => void;
}

export interface Notices extends Pick<Outbox, "deliver"> {
  /** A button that was pressed in Slack. */
  press(interaction: Interaction): Promise<ChatAnswer>;
  /** Reads the news, looks at what waits, and begins to send what is due; tests call it instead of waiting. */
  step(): Promise<void>;
  close(): Promise<void>;
}

const everyMs = 500;
const tidyEveryMs = 600_000;
/** Longer than any sending takes: twenty seconds at most for a mail, ten for the rest. */
const leaseMs = 45_000;

/** Tells people and their systems what they are to be told, on whichever replica gets to it. Where nobody is, it asks nothing. */
export function keepNotices(control: Control, sources: NoticeSources): Notices {
  const { db, log, clock, ledger } = control.parts;
  const { store, instead = {} } = sources;
  const lease = (name: string, channel: string) => store.lease(name, { server: `notice:${channel}` });
  const outbox = openOutbox({
    db,
    sender: ledger.writer(),
    clock,
    log,
    patience: instead.patience ?? patience,
    leaseMs: instead.leaseMs ?? leaseMs,
    channels: () => channelsOf(control),
    publicUrl: sources.publicUrl,
    folder: sources.folder,
    chatCall: (letter) => chatCall(control, sources.key, letter),
    lease,
    isOpen: (action) => isHeld(db, action),
    ...(instead.afterSend === undefined ? {} : { afterSend: instead.afterSend }),
  });
  let isFollowed: boolean | undefined;
  let lastTidy = clock.tick();
  let digest = control.keeper.loaded().workspace?.digest;
  let isChanged = false;
  control.keeper.onChange(({ workspace }) => {
    if (workspace?.digest !== digest) isChanged = true;
    digest = workspace?.digest;
  });

  const step = async (): Promise<void> => {
    const tells = tellsAnything(control);
    if (!tells) {
      // What happens from now on is not told later, when somebody is to be told again.
      if (isFollowed !== false) await stopHeads(db);
      isFollowed = false;
      return;
    }
    isFollowed = true;
    if (isChanged) {
      isChanged = false;
      await lookAtAll(db);
      await outbox.bury();
    }
    // What one of them meets keeps none of the others from its work.
    const done = await Promise.allSettled([
      (async () => {
        while (((await tellNews(control)) ?? 0) >= 500);
        await escalateOpen(control);
      })(),
      outbox.step(),
    ]);
    for (const one of done) if (one.status === "rejected") throw one.reason;
    if (clock.tick() - lastTidy > tidyEveryMs) {
      lastTidy = clock.tick();
      await dropOldNotices(db);
    }
  };
  let working: Promise<void> | undefined;
  const look = (): Promise<void> => {
    working ??= step().finally(() => {
      working = undefined;
    });
    return working;
  };
  const timer = setInterval(() => {
    look().catch((cause: unknown) =>
      log.warn({ cause: String(cause) }, "notices could not be made; it is tried again"),
    );
  }, instead.everyMs ?? everyMs);
  timer.unref();

  const secretOf = async ({ signing = "", name }: SlackChannel): Promise<Secret> => {
    const held = await lease(signing, name);
    const { value } = held;
    await held.release();
    return value;
  };
  return {
    deliver: (ids) => outbox.deliver(ids),
    step: look,
    async press(interaction) {
      const said = await answerInChat(control, sources.key, interaction, secretOf);
      await sayBack(said);
      return said;
    },
    async close() {
      clearInterval(timer);
      await working?.catch(() => undefined);
      await outbox.close();
    },
  };
}

/** Only to where Slack itself answers: the address came with the button. */
async function sayBack({ responseUrl, sentence, channel }: ChatAnswer): Promise<void> {
  if (responseUrl === undefined || !URL.canParse(responseUrl)) return;
  const { origin } = new URL(responseUrl);
  if (origin !== "https://hooks.slack.com" && origin !== new URL(channel.api).origin) return;
  const text = sentence.replace(/[&<>`*_~]/g, " ");
  const body = JSON.stringify({ response_type: "ephemeral", replace_original: false, text, mrkdwn: false });
  await post({ url: responseUrl, body, headers: {}, isPrivate: channel.private, timeoutMs: 2_000 });
}
