/** A backup is not what was written. It was checked, and does not hold: that is in the report, and no error. */
export class Damage extends Error {
  /** What is damaged is certainly a backup: only who had its key can have made it. */
  readonly isOurs: boolean;

  constructor(sentence: string, isOurs = false) {
    super(sentence);
    this.isOurs = isOurs;
  }
}
