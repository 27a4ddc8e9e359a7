/** What became of something that a person did, wherever they went meanwhile. */
export interface Outcome {
  /** What it was done to: what is told of the same later takes its place. */
  readonly about: string;
  readonly text: string;
  readonly isBad?: boolean;
  /** The action that it was done to: how that stands is said as long as this is shown. */
  readonly action?: string;
  /** What has to be known of single ones, where it was done to several. */
  readonly each?: readonly { readonly to: string; readonly words: string; readonly text: string }[];
  /** Where there is more of it. */
  readonly link?: { readonly to: string; readonly words: string };
}

/** What went wrong stays until it is put away or better is known of the same; what went well only until the next is told. */
export function toldOn(all: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  return [...all.filter(({ isBad, about }) => isBad === true && about !== outcome.about), outcome];
}
