export { type Patience, patience } from "./back-off.ts";
export { addresseesOf, type Channel, type SlackChannel } from "./channel.ts";
export { type Due, escalate, keyOf } from "./escalation.ts";
export type { Notice, NoticeBody, NoticeType } from "./notice.ts";
export { type Outbox, openOutbox } from "./outbox.ts";
export { post } from "./post.ts";
export type { Letter } from "./send.ts";
export { type ChatCall, longestChatCall } from "./slack.ts";
export { isFresh, isFromSlack } from "./slack-signature.ts";
export {
  blankNotices,
  countWaiting,
  deadLately,
  dropMostDead,
  dropOldNotices,
  insertNotices,
  listNotices,
  mostDead,
  type NoticeRow,
  noticeFigures,
  noticeRows,
  revive,
  tellOnce,
} from "./sql.ts";
export {
  advanceNoticeHeads,
  closeNoticeHeads,
  endWatch,
  hasLooks,
  headsNow,
  isFollowing,
  lookAgain,
  lookAtAll,
  markTold,
  noteAnswered,
  noticeHeads,
  startHeads,
  stopHeads,
  takeLooks,
  takeNotices,
  type WatchedRow,
  watchOpen,
} from "./watch-sql.ts";
