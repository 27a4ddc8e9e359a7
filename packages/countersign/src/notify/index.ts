export { type Patience, patience } from "./back-off.ts";
export { type Addressed, addresseesOf, type Channel, isPersonal, type SlackChannel } from "./channel.ts";
export { type Due, escalate, keyOf, type Step } from "./escalation.ts";
export { type Notice, type NoticeBody, type NoticeType, noticeTypes, topicOf } from "./notice.ts";
export { type Outbox, openOutbox } from "./outbox.ts";
export { post } from "./post.ts";
export type { Letter } from "./send.ts";
export { type ChatCall, longestChatCall } from "./slack.ts";
export { isFromSlack } from "./slack-signature.ts";
export {
  advanceNoticeHeads,
  blankNotices,
  closeNoticeHeads,
  countWaiting,
  deadLately,
  dropOldNotices,
  endWatch,
  hasLooks,
  headsNow,
  insertNotices,
  isFollowing,
  listNotices,
  lookAgain,
  lookAtAll,
  markTold,
  type NewNotice,
  type NoticeRow,
  type NoticeState,
  noteAnswered,
  noticeFigures,
  noticeHeads,
  noticeRows,
  revive,
  startHeads,
  stopHeads,
  takeLooks,
  takeNotices,
  tellOnce,
  type WatchedRow,
  watchOpen,
} from "./sql.ts";
