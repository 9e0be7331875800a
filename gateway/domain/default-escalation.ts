import { EscalationId, type EscalationPolicy } from "./escalation.ts"

/**
 * The policy of a campus that has channels and writes no policy of its own, for its critical and high alerts. The times are
 * those of the reliability reference, section 8: at once, whoever is on shift, by the channel that finds them fastest (the
 * next channel follows after 15 s without a receipt); after 60 s the supervisors too; after 180 s everybody on shift and
 * those who answer for the site; and again three minutes later, until somebody answers.
 */
export const defaultEscalation: EscalationPolicy = {
  id: EscalationId.make("default"),
  name: "Shipped default",
  steps: [
    { afterSeconds: 0, to: [{ role: "officer", onShift: true }] },
    { afterSeconds: 60, to: [{ role: "officer", onShift: true }, { role: "supervisor" }] },
    { afterSeconds: 180, to: [{ everyone: "on-shift" }, { role: "supervisor" }, { role: "administrator" }] }
  ],
  repeatSeconds: 180
}
