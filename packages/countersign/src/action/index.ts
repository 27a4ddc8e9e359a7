export { type Answered, advanceHeld } from "./advance-held.ts";
export type { Hall, Submitted } from "./hall.ts";
export type { OpenAction } from "./open.ts";
export { type OpenHall, openHall } from "./open-hall.ts";
export { type InFlight, type Parts, type Point, points, type Tally } from "./parts.ts";
export type { Checking, Plane, PlaneView, Stopped, StopSubject } from "./plane.ts";
export { sessionRun } from "./run.ts";
export type { Submission, SubmitOptions } from "./submission.ts";
export { createWatch, type Watch } from "./watch.ts";
