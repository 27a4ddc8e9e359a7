/** What Cedar calls an evaluation error: the policy that meets one decides nothing, and the gate denies. */
export class EvaluationFault extends Error {
  override readonly name = "EvaluationFault";
}

export function typeFault(wanted: string, found: string): EvaluationFault {
  return new EvaluationFault(`type error: expected ${wanted}, got ${found}`);
}
