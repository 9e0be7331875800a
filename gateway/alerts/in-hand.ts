import type { Alert } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"

/** An officer may take back their own acknowledgement for so long: a slip of the finger shows itself at once. Ours. */
export const undoWithinMs = 10_000

/** Who has an alert in hand, where that is somebody else. */
export const holderBut = ({ claimed }: Pick<Alert, "claimed">, by: string): string | undefined =>
  claimed === undefined || claimed.by === by ? undefined : claimed.by

/** Why a claim does not count; `undefined`: it does. `from`: out of whose hands it is taken. */
export const whyNotClaimed = (
  { claimed }: Pick<Alert, "claimed">,
  by: string,
  from: string | undefined
): string | undefined => {
  if (claimed?.by === by) return `${by} has it in hand already`
  if (claimed !== undefined && claimed.by !== from) return `${claimed.by} has it in hand`
  return undefined
}

/** Why an acknowledgement cannot be undone by this officer now; `undefined`: it can. */
export const whyNotUndone = (
  { acknowledged, acknowledgedBy, acknowledgedAt }: Pick<Alert, "acknowledged" | "acknowledgedBy" | "acknowledgedAt">,
  by: string,
  at: EpochMs
): string | undefined => {
  if (!acknowledged || acknowledgedAt === undefined) return "it is not acknowledged"
  if (acknowledgedBy !== by) return `${acknowledgedBy ?? "somebody else"} acknowledged it`
  const after = at - acknowledgedAt
  return after > undoWithinMs
    ? `${Math.ceil(after / 1000)} s have passed, and ${undoWithinMs / 1000} s are allowed`
    : undefined
}
